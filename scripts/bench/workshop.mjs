import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../bundle.mjs";

/** @typedef {ReturnType<typeof openWorkshop>} Workshop */

/** The built command line. */
export const cli = join(root, "dist", "cli.js");

/** A folder to work in, and the command line to work with. `close` removes the folder. */
export function openWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), "casebook-bench-"));
  const peakFile = join(folder, "peak");
  const preload = join(folder, "peak.mjs");
  // The kernel's own account of the most memory the process ever held, in KiB.
  writeFileSync(
    preload,
    `import { writeFileSync } from "node:fs";
     process.on("exit", () => writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)));`,
  );

  /**
   * Runs casebook to its end; its peak of memory in MiB.
   *
   * @param {readonly string[]} args
   */
  function casebook(...args) {
    const { status, stderr } = spawnSync(process.execPath, ["--import", preload, cli, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`casebook ${args.join(" ")} ended with ${status}: ${stderr}`);
    return Number(readFileSync(peakFile, "utf8")) / 1024;
  }

  return {
    folder,
    casebook,

    /**
     * @param {string} name
     * @param {string} text
     * @returns {string} the path
     */
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },

    /**
     * Runs a runbook; `milliseconds` from the first step's start to the last one's end, as the journal says, and casebook's peak of
     * memory in MiB.
     *
     * @param {string} runbook its path
     * @param {readonly string[]} more
     */
    run(runbook, ...more) {
      const out = mkdtempSync(join(folder, "case-"));
      rmSync(out, { recursive: true });
      const peak = casebook("run", runbook, "--out", out, "--format", "json", "--progress", "quiet", ...more);
      return { folder: out, peak, milliseconds: spanOf(readFileSync(join(out, "journal.ndjson"), "utf8")) };
    },

    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @param {string} journal */
function spanOf(journal) {
  const events = journal
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const start = events.find(({ type }) => type === "step-started");
  const end = events.findLast(({ type }) => type === "step-finished");
  return Date.parse(end.at) - Date.parse(start.at);
}

/** @param {readonly string[]} steps each as it stands in the list */
export const runbookOf = (...steps) =>
  `casebook: 1\ntitle: Benchmark\nsteps:\n${steps.map((step) => `  ${step}\n`).join("")}`;
