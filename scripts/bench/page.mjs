import { statSync } from "node:fs";
import { join } from "node:path";
import { runbookOf } from "./workshop.mjs";

/**
 * The HTML page of a run that captured a gigabyte.
 *
 * @type {import("./table.mjs").Measure}
 */
export function* page({ write, run, casebook }) {
  const step =
    "- for_each: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n    run: yes 'a line like any other in a long log' | head -c 100M";
  const { folder } = run(write("page.yaml", runbookOf(step)));
  casebook("report", folder, "--format", "html");
  const size = statSync(join(folder, "report.html")).size / 1e6;
  yield { work: "HTML page of a 1 GB run", figure: size, unit: "MB", peerName: "allowed", peer: 5, budget: 1 };
}
