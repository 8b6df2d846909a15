import { capture } from "./capture.mjs";
import { check } from "./check.mjs";
import { delve } from "./delve.mjs";
import { masking } from "./masking.mjs";
import { page } from "./page.mjs";
import { report } from "./report.mjs";
import { ssh } from "./ssh.mjs";
import { start } from "./start.mjs";
import { steps } from "./steps.mjs";

/**
 * All measurements by the name they are asked for. Each yields its rows as it has them; a further one is a file here and a line below.
 *
 * @type {Readonly<Record<string, import("./table.mjs").Measure>>}
 */
export const measurements = { start, check, steps, ssh, capture, masking, report, page, delve };
