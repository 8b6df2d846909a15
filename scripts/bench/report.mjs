import { execFileSync } from "node:child_process";
import { inProcess } from "./in-process.mjs";
import { literalPage } from "./literal-page.mjs";
import { isInstalled, medians, time, timeAsync } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

const lines = 20;

/**
 * Reports of long runs: how the time grows, and what it costs above writing the same page with nothing but template literals.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* report(workshop) {
  const { fold, render, shorten } = await inProcess(workshop, "report", source);
  const [small = "", large = ""] = [1000, 10_000].map((count) => caseOf(workshop, count));
  const whole = await fold(large);
  const shown = shorten(whole);
  const found = await medians(3, {
    small: () => timeAsync(async () => render(await fold(small))),
    large: () => timeAsync(async () => render(await fold(large))),
    rendering: () => time(() => render(whole)),
    literals: () => time(() => literalPage(shown)),
  });
  const unit = "ms";
  const exponent = {
    work: "report: growth, 1,000 to 10,000 steps",
    figure: Math.log10(found.large / found.small),
    unit: "",
  };
  yield { ...exponent, peerName: "exponent of linear growth", peer: 1, budget: 1.1 };
  const rendering = { work: "rendering 10,000 steps of 20 lines", figure: found.rendering, unit };
  yield { ...rendering, peerName: "bare template literals", peer: found.literals, budget: 4 };

  const command = await medians(3, {
    report: () => time(() => workshop.casebook("report", small, "--format", "html")),
  });
  const peerName = "nbconvert --to html";
  const peer = isInstalled("jupyter-nbconvert") ? await nbconvert(workshop.write) : null;
  yield { work: "report of 1,000 steps, the command", figure: command.report, unit, peerName, peer, budget: 0.25 };
}

/**
 * @param {import("./workshop.mjs").Workshop} workshop
 * @param {number} count
 */
function caseOf({ write, run }, count) {
  const rounds = JSON.stringify(Array.from({ length: count }, (_, index) => index));
  const step = `- for_each: ${rounds}\n    run: seq ${lines}`;
  return run(write(`report-${count}.yaml`, runbookOf(step))).folder;
}

/** @param {import("./workshop.mjs").Workshop["write"]} write */
async function nbconvert(write) {
  const text = Array.from({ length: lines }, (_, index) => `${index + 1}\n`);
  const cell = {
    cell_type: "code",
    execution_count: 1,
    metadata: {},
    source: [`!seq ${lines}`],
    outputs: [{ output_type: "stream", name: "stdout", text }],
  };
  const notebook = { nbformat: 4, nbformat_minor: 4, metadata: {}, cells: Array.from({ length: 1000 }, () => cell) };
  const path = write("notebook.ipynb", JSON.stringify(notebook));
  const convert = () => execFileSync("jupyter-nbconvert", ["--to", "html", path], { stdio: "ignore" });
  return (await medians(3, { convert: () => time(convert) })).convert;
}

const source = `
export { foldCase as fold } from "~/src/commands/running/reports.ts";
export { renderHtml as render } from "~/src/report/html/render.ts";
export { shortenedFor as shorten } from "~/src/report/html/shorten.ts";
`;
