// Writes what is derived from the step kinds: schema/runbook.schema.json and docs/kinds.md. `npm run generate` builds first.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./bundle.mjs";
import { kindsPage } from "./kinds-page.mjs";

/** @param {readonly string[]} args */
const casebook = (...args) =>
  execFileSync(process.execPath, [join(root, "dist", "cli.js"), ...args], { encoding: "utf8" });

writeFileSync(join(root, "schema", "runbook.schema.json"), casebook("schema"));
writeFileSync(join(root, "docs", "kinds.md"), kindsPage(casebook));
