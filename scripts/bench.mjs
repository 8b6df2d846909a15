// Measures casebook against its peers side by side on this machine: `npm run bench`, or `npm run bench -- check report` for some rows.
// Prints a table, and ends with 1 when a figure is over its budget.
import process from "node:process";
import { measurements } from "./bench/index.mjs";
import { heading, isOver, line } from "./bench/table.mjs";
import { openWorkshop } from "./bench/workshop.mjs";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(measurements, name));
if (unknown.length > 0) {
  console.error(`bench: expected some of ${Object.keys(measurements).join(", ")}, found ${unknown.join(", ")}`);
  process.exit(64);
}

const workshop = openWorkshop();
let over = 0;
try {
  console.log(heading);
  for (const [name, measure] of Object.entries(measurements)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    for await (const row of measure(workshop)) {
      console.log(line(row));
      if (isOver(row)) over++;
    }
  }
} finally {
  workshop.close();
}
if (over > 0) console.log(`\n${over} over budget`);
process.exitCode = over > 0 ? 1 : 0;
