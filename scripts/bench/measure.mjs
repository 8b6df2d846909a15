import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Milliseconds that some work takes.
 *
 * @param {() => unknown} work
 */
export function time(work) {
  const since = performance.now();
  work();
  return performance.now() - since;
}

/**
 * Milliseconds that some work takes.
 *
 * @param {() => Promise<unknown>} work
 */
export async function timeAsync(work) {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** @param {readonly number[]} values */
export const median = (values) => [...values].sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN;

/**
 * The median of each of several measures, taken in turn, so that a slow minute of the machine meets them all.
 *
 * @template {Readonly<Record<string, () => number | Promise<number>>>} M
 * @param {number} rounds
 * @param {M} measures
 * @returns {Promise<{ readonly [N in keyof M]: number }>}
 */
export async function medians(rounds, measures) {
  /** @type {Record<string, number[]>} */
  const found = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) found[name]?.push(await measure());
  }
  // Each measure has its name's median.
  return /** @type {any} */ (Object.fromEntries(Object.entries(found).map(([name, all]) => [name, median(all)])));
}

/**
 * Median milliseconds of whole processes, as hyperfine takes them.
 *
 * @param {string} folder to work in
 * @param {number} runs
 * @param {readonly string[]} commands
 * @returns {readonly number[]}
 */
export function processes(folder, runs, ...commands) {
  const json = join(folder, "hyperfine.json");
  const how = ["-N", "--warmup", "3", "--runs", String(runs), "--export-json", json];
  execFileSync("hyperfine", [...how, ...commands], { stdio: "ignore" });
  const { results } = JSON.parse(readFileSync(json, "utf8"));
  rmSync(json);
  return results.map((/** @type {{ median: number }} */ { median }) => median * 1000);
}

/** @param {string} program */
export const isInstalled = (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
