// Measures casebook against its peers side by side on this machine and prints each ratio beside its budget (exit 1 when one is over).
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "./bundle.mjs";

const cli = join(root, "dist", "cli.js");
const scratch = mkdtempSync(join(tmpdir(), "casebook-bench-"));
const requireShim = {
  js: 'import{createRequire as nodeRequire}from"node:module";const require=nodeRequire(import.meta.url);',
};
let over = 0;

try {
  processStart();
  await checking();
  localSteps();
  capturing();
  reporting();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = over > 0 ? 1 : 0;

function processStart() {
  const small = write("small.yaml", runbook(["- run: 'true'"]));
  const [floor, version, check] = hyperfine(["node -e 0", `node ${cli} --version`, `node ${cli} check ${small}`]);
  print("casebook --version", version, "node -e 0", floor, 1.5);
  print("check of a small runbook", check, "node -e 0", floor, 3.5);
}

async function checking() {
  const big = runbook(Array.from({ length: 10_000 }, (_, index) => `- id: step_${index}\n    run: echo ${index}`));
  const entry = write("check.ts", checkSource());
  const outfile = join(scratch, "check.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
    banner: requireShim,
  });
  const { load, parse } = await import(pathToFileURL(outfile).href);
  const parsing = median(5, () => time(() => parse(big)));
  const checking = median(5, () => time(() => load(big)));
  print("check of 10,000 steps", checking, "parseDocument", parsing, 1.15);
}

function checkSource() {
  /** @param {string} path */
  const from = (path) => JSON.stringify(join(root, path));
  return `
    import { parseDocument } from ${from("node_modules/yaml/dist/index.js")};
    import { loadRunbook } from ${from("src/runbook/load.ts")};
    import { kinds } from ${from("src/steps/index.ts")};
    export const parse = (text) => parseDocument(text);
    export const load = (text) => { const found = loadRunbook(text, "big.yaml", kinds); if (!found.ok) throw new Error(JSON.stringify(found)); };
  `;
}

function localSteps() {
  const file = write("steps.yaml", runbook(Array.from({ length: 500 }, () => "- run: 'true'")));
  const steps = median(5, () => between(events(run(file))));
  const loop = median(5, () => time(() => execFileSync("bash", ["-c", "for i in $(seq 500); do sh -c true; done"])));
  print("500 local steps", steps, "bash loop of sh -c true", loop, 2);
}

function capturing() {
  const produce = "head -c 1G /dev/zero";
  const plain = write("capture.yaml", runbook([`- run: ${produce}`]));
  const masked = write("masked.yaml", `${runbook([`- run: ${produce}`])}inputs: { token: { secret: true } }\n`);
  const file = join(scratch, "zeros");
  const redirect = median(3, () => time(() => execFileSync("sh", ["-c", `${produce} > ${file}`])));
  const hash = median(3, () => time(() => execFileSync("sha256sum", [file])));
  const tee = median(3, () => time(() => execFileSync("sh", ["-c", `${produce} | tee ${file} > /dev/null`])));
  rmSync(file);
  const direct = median(3, () => between(events(run(plain))));
  print("capture 1 GiB", direct, "> file, and sha256sum", redirect + hash, 1.2);
  const masking = median(3, () => between(events(run(masked, ["-i", "token=0123456789abcdef"]))));
  print("capture 1 GiB, masking", masking, "tee", tee, 2.5);
}

function reporting() {
  const [small, large] = [1000, 10_000].map((count) => {
    const file = write(
      `report-${count}.yaml`,
      runbook([`- for_each: ${JSON.stringify(Array.from({ length: count }, (_, i) => i))}\n    run: seq 20`]),
    );
    const folder = run(file);
    return median(3, () => time(() => casebook(["report", folder])));
  });
  const exponent = Math.log10((large ?? 0) / (small ?? 1));
  print("report of 10,000 rounds", large ?? 0, "ten times that of 1,000", (small ?? 0) * 10, 10 ** 0.1);
  console.log(`  exponent ${exponent.toFixed(2)}`);
}

/**
 * @param {string} file
 * @param {readonly string[]} more
 * @returns {string} the case folder
 */
function run(file, more = []) {
  const folder = mkdtempSync(join(scratch, "case-"));
  rmSync(folder, { recursive: true });
  casebook(["run", file, "--out", folder, "--format", "json", "--progress", "quiet", ...more]);
  return folder;
}

/** @param {readonly string[]} args */
function casebook(args) {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`casebook ${args.join(" ")} ended with ${status}: ${stderr}`);
}

/**
 * @param {string} folder
 * @returns {readonly { type: string, at: string }[]}
 */
function events(folder) {
  const lines = readFileSync(join(folder, "journal.ndjson"), "utf8").trimEnd().split("\n");
  rmSync(join(folder, "evidence"), { recursive: true, force: true });
  return lines.map((line) => JSON.parse(line));
}

/**
 * Milliseconds from the first step's start to the last one's end.
 *
 * @param {readonly { type: string, at: string }[]} all
 */
function between(all) {
  const start = all.find(({ type }) => type === "step-started")?.at ?? "";
  const end = all.findLast(({ type }) => type === "step-finished")?.at ?? "";
  return Date.parse(end) - Date.parse(start);
}

/**
 * Medians in milliseconds.
 *
 * @param {readonly string[]} commands
 */
function hyperfine(commands) {
  const json = join(scratch, "hyperfine.json");
  execFileSync("hyperfine", ["-N", "--warmup", "5", "--runs", "40", "--export-json", json, ...commands], {
    stdio: "ignore",
  });
  const { results } = JSON.parse(readFileSync(json, "utf8"));
  return results.map((/** @type {{ median: number }} */ { median }) => median * 1000);
}

/** @param {() => unknown} work */
function time(work) {
  const since = performance.now();
  work();
  return performance.now() - since;
}

/**
 * @param {number} runs
 * @param {() => number} measure
 */
function median(runs, measure) {
  const all = Array.from({ length: runs }, measure).sort((left, right) => left - right);
  return all[Math.floor(runs / 2)] ?? 0;
}

/**
 * @param {string} work
 * @param {number} took milliseconds
 * @param {string} peer
 * @param {number} peerTook milliseconds
 * @param {number} budget
 */
function print(work, took, peer, peerTook, budget) {
  const ratio = took / peerTook;
  const within = ratio <= budget;
  if (!within) over++;
  const measured = `${took.toFixed(0)} ms = ${ratio.toFixed(2)} × ${peer} (${peerTook.toFixed(0)} ms)`;
  console.log(`${within ? "ok  " : "OVER"} ${work}: ${measured}, budget ${budget.toFixed(2)}`);
}

/** @param {readonly string[]} steps */
function runbook(steps) {
  return `casebook: 1\ntitle: Benchmark\nsteps:\n${steps.map((step) => `  ${step}\n`).join("")}`;
}

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  mkdirSync(scratch, { recursive: true });
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}
