import { readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Command, Exit } from "../../src/model/target.js";
import { connectTarget } from "../../src/targets/index.js";
import { createRandom } from "../support/random.js";
import { scratch } from "../support/scratch.js";

const count = 150 * Number(process.env.CASEBOOK_EXAMPLES ?? 1);

interface Ran extends Exit {
  readonly out: string;
  readonly err: string;
}

/** The local target's fast path, in a folder of its own. */
async function open() {
  const folder = await scratch();
  const target = await connectTarget("local", { signal: AbortSignal.timeout(30_000), scratch: folder });
  onTestFinished(() => target[Symbol.asyncDispose]());
  let files = 0;
  const sink = async () => {
    const directFile = join(folder, `stream-${++files}`);
    await writeFile(directFile, "");
    return { directFile, write: () => expect.unreachable() };
  };
  const run = async (command: Command, signal = AbortSignal.timeout(30_000)): Promise<Ran> => {
    const [stdout, stderr] = [await sink(), await sink()];
    const exit = await target.run(command, { stdout, stderr }, signal);
    const [out, err] = [await readFile(stdout.directFile, "utf8"), await readFile(stderr.directFile, "utf8")];
    return { ...exit, out, err };
  };
  return { folder, run, shell: (text: string, signal?: AbortSignal) => run({ argv: ["/bin/sh", "-c", text] }, signal) };
}

/** The processes whose parent is a process. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)[1] === String(parent));

/** What follows a process's name in its stat: state, parent, … */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has gone meanwhile
  }
}

test(`a command that is aborted early, ${count} times, runs once at most, and the next one runs`, {
  timeout: 20_000 + count * 200,
}, async () => {
  const { folder, shell } = await open();
  const { seed, next } = createRandom();
  const log = join(folder, "log");
  await writeFile(log, "");
  for (let round = 0; round < count; round++) {
    const where = `CASEBOOK_SEED=${seed}, round ${round}`;
    const controller = new AbortController();
    const early = shell(`echo ${round} >>${log}; exec sleep 30`, controller.signal);
    // From before its process has read its turn until after it has become the command.
    if (next() < 0.7) await new Promise((resolve) => setTimeout(resolve, next() * 20));
    controller.abort();
    expect(await early, where).toMatchObject({ code: null, signal: "SIGTERM", out: "" });
    expect(await shell(`echo ${round}`), where).toMatchObject({ code: 0, signal: null, out: `${round}\n` });
  }
  const ran = (await readFile(log, "utf8")).split("\n");
  expect(new Set(ran).size).toBe(ran.length);
  console.log(`${count} aborts, seed ${seed}: ${ran.length - 1} commands had begun`);
});

test("a command runs although the process that waited for it was killed", async () => {
  const { shell } = await open();
  const bash = Number((await shell("echo $PPID")).out);
  for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"]) {
    let waiting: readonly number[] = [];
    while (waiting.length === 0) {
      waiting = childrenOf(bash);
      await setImmediate();
    }
    for (const pid of waiting) process.kill(pid, signal);
    // Another waits in its place once the shell has seen to it.
    while (childrenOf(bash).every((pid) => waiting.includes(pid))) await setImmediate();
    await setImmediate();
    expect(await shell("echo here"), signal).toMatchObject({ code: 0, signal: null, out: "here\n" });
  }
});

test("a command sees nothing of the shell's own names, and its folder is not looked for elsewhere", async () => {
  const { folder, run, shell } = await open();
  expect((await shell("env")).out).not.toMatch(/casebook_/);
  await mkdir(join(folder, "elsewhere", "here"), { recursive: true });
  const env = { CDPATH: join(folder, "elsewhere") };
  expect(await run({ argv: ["pwd"], cwd: "here", env })).toMatchObject({ code: 126, out: "" });
});

test("what is said of a command that could not run names no file of casebook's own", async () => {
  const { folder, run } = await open();
  for (const command of [{ argv: ["casebook-no-such-program"] }, { argv: ["true"], cwd: "/casebook-no-such-folder" }]) {
    const { err } = await run(command);
    expect(err).toMatch(/casebook-no-such-\w+/);
    expect(err).not.toContain(folder);
  }
});
