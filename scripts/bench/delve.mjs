import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../bundle.mjs";
import { isInstalled, median, medians } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

/** Stops of each kind in one run. */
const stops = 200;

/**
 * How long a program stands still for a debugger, as it measures itself: each call of a function in which it is stopped. And how long
 * it stands for the first of very many goroutines, as the journal says.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* delve(workshop) {
  if (!isInstalled("dlv") || !isInstalled("go")) {
    yield { work: "a stop of Delve", figure: 0, unit: "ms", peerName: "dlv and go", peer: null, budget: 1.2 };
    return;
  }
  const program = join(workshop.folder, "stops");
  execFileSync("go", ["build", "-o", program, "."], { cwd: join(root, "test", "fixtures", "stops") });
  const script = workshop.write(
    "stops.init",
    [
      "break main.stopHere",
      "on 1 stack 50",
      "on 1 args",
      ..."continue\n".repeat(stops).trim().split("\n"),
      "clearall",
      "exit",
      "",
    ].join("\n"),
  );
  const found = await medians(3, {
    scripted: () =>
      stopsOf(program, workshop.folder, (pid) => {
        const args = ["attach", String(pid), "--init", script, "--allow-non-terminal-interactive=true"];
        // It asks whether to kill the program.
        spawnSync("dlv", args, { input: "n\n", stdio: ["pipe", "ignore", "ignore"] });
      }),
    debug: () =>
      stopsOf(program, workshop.folder, (pid) => {
        const commands = Array.from({ length: stops }, () => "continue, stack: 50, args").join(", ");
        workshop.run(
          attach(workshop, pid, `- debug: [break: main.stopHere, ${commands}, clear]`),
          "--allow",
          "disrupt",
        );
      }),
    caught: () =>
      stopsOf(program, workshop.folder, (pid) => {
        const step = `- catch: { at: main.stopHere, read: [number, text, list], stack: 50, count: ${stops} }`;
        workshop.run(attach(workshop, pid, step), "--allow", "disrupt");
      }),
  });
  const peer = { unit: "ms", peerName: "scripted dlv attach --init", peer: found.scripted, budget: 1.2 };
  yield { work: "a stop of debug (stack of 50, args)", figure: found.debug, ...peer };
  yield { work: "a stop of catch (stack of 50, args)", figure: found.caught, ...peer };
  yield {
    work: "first 25 of 10,000 goroutines",
    figure: await firstGoroutines(program, workshop),
    unit: "ms",
    peerName: "30 ms of stop",
    peer: 30,
    budget: 1,
  };
}

/**
 * @param {import("./workshop.mjs").Workshop} workshop
 * @param {number} pid
 * @param {...string} steps
 */
const attach = ({ write }, pid, ...steps) =>
  write(
    "attach.yaml",
    runbookOf(`- delve: { attach: ${pid}, max_stopped: 60s }`, "  during:", ...steps.map((step) => `    ${step}`)),
  );

/**
 * The median of the longest calls, as many as there are stops.
 *
 * @param {string} program
 * @param {string} folder
 * @param {(pid: number) => void} debug stops it `stops` times
 */
async function stopsOf(program, folder, debug) {
  const printed = join(folder, "calls");
  const running = await start(program, printed);
  debug(running.pid);
  await running.end();
  const calls = readFileSync(printed, "utf8").trim().split("\n").map(Number);
  return median(calls.sort((left, right) => right - left).slice(0, stops)) / 1000;
}

/**
 * @param {string} program
 * @param {import("./workshop.mjs").Workshop} workshop
 */
async function firstGoroutines(program, workshop) {
  const running = await start(program, join(workshop.folder, "calls"), "-parked=10000");
  const list = "- debug: [goroutines: { limit: 25 }]";
  const { folder } = workshop.run(attach(workshop, running.pid, ...Array(5).fill(list)), "--allow", "disrupt");
  await running.end();
  const events = readFileSync(join(folder, "journal.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  // The first is the attach, the last the letting go.
  const resumed = events.filter(({ type }) => type === "process-resumed").map(({ milliseconds }) => milliseconds);
  return median(resumed.slice(1, 6));
}

/**
 * @param {string} program
 * @param {string} printed the file it prints into
 * @param {...string} args
 */
async function start(program, printed, ...args) {
  const out = openSync(printed, "w");
  const child = spawn(program, args, { stdio: ["ignore", out, "ignore"] });
  closeSync(out);
  await once(child, "spawn");
  return {
    pid: child.pid ?? 0,
    async end() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}
