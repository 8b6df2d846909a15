import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Way } from "../../src/targets/remote/way.js";
import { connect, run, shell } from "../support/as-another.js";
import { programsBut } from "../support/programs-but.js";
import { scratch } from "../support/scratch.js";

/** As another user, by which the host is told from what it was before. */
const somebody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];

const silent: Partial<Way> = { further: () => spawn("sleep", ["300"], { detached: true }) };

test("a step whose shell does not come ends with its time", async () => {
  await using target = await connect(silent);
  const since = performance.now();
  await expect(run(target, { argv: ["true"] }, AbortSignal.timeout(300))).rejects.toThrow(/timeout/);
  expect(performance.now() - since).toBeLessThan(10_000);
});

test.concurrent("a shell that never says a word is given up", { timeout: 60_000 }, async () => {
  await using target = await connect(silent);
  const given = [run(target, { argv: ["true"] }), run(target, { argv: ["cat"], stdin: "" })];
  for (const { status, reason } of (await Promise.allSettled(given)) as PromiseRejectedResult[]) {
    expect(status).toBe("rejected");
    expect(reason.message).toBe("expected one more shell on the host, found none: it started nothing within 20 s");
    expect(reason.remedy).toContain("MaxSessions");
  }
});

test.concurrent("a shell that speaks and never starts the process is given up", { timeout: 60_000 }, async ({
  task,
}) => {
  const folder = mkdtempSync(join(tmpdir(), `${task.id}-`));
  const PATH = programsBut(["bash", "setsid"], folder);
  writeFileSync(join(PATH, "setsid"), "#!/bin/sh\nexec sleep 30\n", { mode: 0o755 });
  const slow = (bootstrap: string) => shell([], bootstrap, { PATH });
  await using target = await connect({ first: slow, further: slow });
  const given = run(target, { argv: ["cat"], stdin: "" });
  await expect(given).rejects.toThrow(
    "expected one more shell on the host, found none: it started nothing within 20 s",
  );
  rmSync(folder, { recursive: true });
});

test.concurrent("a shell that takes no command any more is given up, at the end of the step's time or by itself", {
  timeout: 60_000,
}, async () => {
  const shells: ChildProcess[] = [];
  const further = (bootstrap: string): ChildProcess => {
    const child = shell([], bootstrap);
    shells.push(child);
    return child;
  };
  await using target = await connect({ further });
  const ending = { signal: "TERM", graceMilliseconds: 200, kill: true } as const;
  const stuck = "expected one more shell on the host, found none: it ended before it could start the command";
  for (const milliseconds of [300, 60_000]) {
    expect(await run(target, { argv: ["true"] })).toMatchObject({ code: 0 });
    shells.at(-1)?.kill("SIGSTOP");
    const since = performance.now();
    await expect(run(target, { argv: ["true"], ending }, AbortSignal.timeout(milliseconds))).rejects.toThrow(stuck);
    expect(performance.now() - since).toBeLessThan(milliseconds === 300 ? 10_000 : 30_000);
  }
});

test("a shell that went while nothing ran is replaced", async () => {
  let child: ChildProcess | undefined;
  const further = (bootstrap: string): ChildProcess => {
    child = shell([], bootstrap);
    return child;
  };
  await using target = await connect({ further });
  expect(await run(target, { argv: ["true"] })).toMatchObject({ code: 0 });
  const closed = new Promise((resolve) => child?.once("close", resolve));
  child?.kill("SIGKILL");
  await closed;
  expect(await run(target, { argv: ["true"] })).toMatchObject({ code: 0 });
});

test("a client that cannot be started any more is no bug", async () => {
  await using target = await connect({ further: () => spawn(join("/", "casebook-no-such-program")) });
  for (const command of [{ argv: ["true"] }, { argv: ["cat"], stdin: "" }]) {
    await expect(run(target, command)).rejects.toThrow("expected one more shell on the host, found none");
  }
});

test("after a loss the facts are those of the host as it is now", async () => {
  let first: ChildProcess | undefined;
  await using target = await connect({
    first(bootstrap) {
      first = shell(first === undefined ? [] : somebody, bootstrap);
      return first;
    },
  });
  const lost = new Promise((resolve) => target.lost.addEventListener("abort", resolve));
  process.kill(-(first?.pid ?? 0), "SIGKILL"); // with what it has put in the background
  await lost;
  const signal = AbortSignal.timeout(30_000);
  await target.reconnect(signal);
  expect(await target.facts(signal)).toMatchObject({ uid: 54321 });
});

describe.each([
  { shells: "bash", without: [] },
  { shells: "no bash", without: ["bash"] },
])("where there is $shells", ({ without }) => {
  test("the temporary folder may have any name, and keeps no value of a variable", async () => {
    const folder = await scratch();
    const TMPDIR = join(folder, `a 'b' "c" $(exit) \`d\``);
    mkdirSync(TMPDIR);
    const env = { TMPDIR, PATH: programsBut(without, folder) };
    const further = (bootstrap: string) => shell([], bootstrap, env);
    await using target = await connect({ first: further, further });
    const secret = { CASEBOOK_SECRET: "a-secret-value" };
    const said = { code: 3, out: "out\n", err: "err\n" };
    const argv = ["/bin/sh", "-c", "echo out; echo err >&2; exit 3"];
    expect(await run(target, { argv, env: secret })).toMatchObject(said);
    expect(await run(target, { argv, stdin: "in" })).toMatchObject(said);
    const [ours = ""] = readdirSync(TMPDIR);
    expect(spawnSync("grep", ["-rs", "-D", "skip", "a-secret-value", join(TMPDIR, ours)]).stdout.toString()).toBe("");
  });
});
