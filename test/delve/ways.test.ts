import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../src/linux/wait-until.js";
import { type Ran, runText } from "../support/casebook.js";
import { dlv, expectFree, look, lookingRunbook, refusal } from "../support/debugged.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { type ServedProgram, serveProgram } from "../support/served-program.js";

/** A name that no other process on the machine has, also when the tests run twice at once; a process has 15 bytes for it. */
const name = `ways${process.pid}p`;

let program: GoProgram;
let served: ServedProgram;
beforeAll(async () => {
  program = await buildGo("random-port", { name });
  served = await serveProgram(program);
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

test("the one process with a name is found, and several or none are an error that names them", async () => {
  const ran = await look(`{ process: ${name} }`);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("session").result).toMatchObject({ pid: served.pid });
  await expectFree(served);
  expect(await refusal(`{ process: ${name}x }`)).toContain(
    `expected one process with the name ${name}x, found none; did you mean ${name}?; to wait until it starts, write wait_for`,
  );
  await using other = await serveProgram(program);
  const several = await refusal(`{ process: ${name} }`);
  expect(several).toContain(`expected one process with the name ${name}, found 2: `);
  expect(several).toContain(`${other.pid} (${program.path} -port=${other.port}`);
});

/** Waits for a name, and goes on once casebook does. */
async function waitingFor(awaited: string): Promise<{ folder: string; path: string; ended: Promise<Ran> }> {
  const folder = await scratch({ "wait.yaml": lookingRunbook(`{ wait_for: ${awaited} }`) });
  const { says, ended } = startCasebook(["run", "wait.yaml", "--allow", "disrupt", "--out", "case"], folder);
  await says("→ session");
  return { folder, path: join(folder, awaited), ended };
}

test("a program is waited for until it runs, by its very name, also in a process that was there before", async () => {
  const awaited = `late${process.pid}p`;
  const { folder, path, ended } = await waitingFor(awaited);
  await copyFile(program.path, path);
  // Its name begins with the other's.
  await copyFile(program.path, `${path}x`);
  await using longer = await serveProgram({ ...program, path: `${path}x` });
  const starter = join(folder, "starter");
  await writeFile(starter, `#!/bin/sh\nsleep 0.3\nexec ${path} "$@"\n`, { mode: 0o755 });
  await using late = await serveProgram({ ...program, path: starter });
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`put back: process ${late.pid} runs, TracerPid 0`);
  expect(await late.healthz()).toBe("ok");
  expect(await longer.healthz()).toBe("ok");
});

test("a program that was waited for and that this Delve cannot debug is not stopped", async () => {
  const awaited = `new${process.pid}p`;
  const { path, ended } = await waitingFor(awaited);
  const bytes = await readFile(program.path);
  const at = bytes.indexOf(Buffer.from("\xff Go buildinf:", "latin1"));
  bytes.write("go1.99", at + 33);
  await writeFile(path, bytes, { mode: 0o755 });
  await using late = await serveProgram({ ...program, path });
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(3);
  expect(stderr).toMatch(
    new RegExp(`${awaited} \\(process ${late.pid}\\) was built with go1\\.99.*, which is too new for Delve 1\\.`),
  );
  expect(stderr).not.toContain("stands still");
  await expectFree(late);
});

test("a core file is looked at, with the executable that it names or that is given", async () => {
  const folder = await scratch({ init: "dump dumped\nexit\n" });
  const args = ["attach", String(served.pid), "--init", "init", "--allow-non-terminal-interactive=true"];
  const dumping = spawn(dlv, args, { cwd: folder, stdio: ["pipe", "ignore", "inherit"] });
  // It asks whether the program is to be killed.
  dumping.stdin.end("n\n");
  await once(dumping, "exit");
  const dumped = join(folder, "dumped");
  const looked = async (way: string): Promise<void> => {
    const ran = await look(way);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.finished("looked").result).toMatchObject({
      goroutines: [{ id: 1, stack: expect.arrayContaining([expect.objectContaining({ function: "main.main" })]) }],
    });
    expect(ran.finished("session").result).toMatchObject({ stops: 0, stopped_milliseconds: 0 });
    expect(ran.of("process-stopped")).toEqual([]);
  };
  await looked(`{ core: ${dumped}, program: ${program.path} }`);
  const going = await look(`{ core: ${dumped}, program: ${program.path} }`, "[continue]");
  expect(going.finished("looked").reason).toBe("continue: the program has ended, and a core file cannot run");
  expect(await refusal(`{ core: ${dumped} }`)).toContain(
    "does not say which program it is of; name the executable with",
  );
  expect(await refusal(`{ core: ${program.path} }`)).toContain("is an ELF file of another type");
  expect(await refusal(`{ core: ${dumped}, program: /bin/ls }`)).toContain("found one of another language");
  await expectFree(served);

  // The kernel writes cores where this pattern says, which may be another program.
  if ((await readFile("/proc/sys/kernel/core_pattern", "utf8")) !== "core\n") return;
  const script = `ulimit -c unlimited; cd ${folder}; GOTRACEBACK=crash exec "$@"`;
  const crashing = spawn("/bin/sh", ["-c", script, "sh", program.path, "-port=0", "-read-only-port=0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await once(crashing.stderr, "data");
  const ended = once(crashing, "exit");
  crashing.kill("SIGABRT");
  await ended;
  const core = join(folder, "core");
  await looked(`{ core: ${core} }`);
  await using rebuilt = await buildGo("random-port", { name, flags: [] });
  expect(await refusal(`{ core: ${core}, program: ${rebuilt.path} }`)).toContain(
    `is of another program than ${rebuilt.path}, or of another build of it; name the executable that ran with \`program\`: it was ${program.path}`,
  );
  await truncate(core, 2000);
  expect(await refusal(`{ core: ${core} }`)).toContain(`expected a whole core file, but ${core} is cut`);
});

test("what cannot be attached to is told apart before anything is stopped", async () => {
  expect(await refusal("{ attach: 4194303 }")).toContain("expected a process with pid 4194303, found none");
  expect(await refusal("{ attach: 2 }")).toMatch(/\(process 2\), but it has no executable: it is a part of the kernel/);
  const shell = spawn("/bin/sh", ["-c", "sleep 0 & exec sleep 600"], { stdio: "ignore" });
  await once(shell, "spawn");
  expect(await refusal(`{ attach: ${shell.pid} }`)).toContain(
    "found one of another language; Delve debugs Go programs only",
  );
  shell.kill("SIGSTOP");
  expect(await refusal(`{ attach: ${shell.pid} }`)).toContain(
    `but it was stopped by a signal (state T); let it run first: kill -CONT ${shell.pid}`,
  );
  shell.kill("SIGKILL");
  const parent = spawn("/bin/sh", ["-c", "sleep 0.3 & echo $!; exec sleep 600"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [zombie] = await once(parent.stdout, "data");
  const stat = `/proc/${Number(zombie)}/stat`;
  const isZombie = async () => ((await readFile(stat, "utf8")).includes(") Z ") ? true : null);
  expect(await waitUntil(isZombie, AbortSignal.timeout(20_000))).toBe(true);
  expect(await refusal(`{ attach: ${Number(zombie)} }`)).toContain(
    "but it has ended and only waits for its parent to notice",
  );
  parent.kill("SIGKILL");
  await expectFree(served);
});

test("a program that is no Delve is told from one before anything is stopped", async () => {
  const env = { CASEBOOK_DLV: "/bin/true" };
  const ran = await runText(lookingRunbook(`{ attach: ${served.pid} }`), ["--allow", "disrupt"], { env });
  expect(ran.finished("session").reason).toBe(
    "expected a Delve in /bin/true, found a program that answers `version` otherwise",
  );
  expect(ran.of("change-announced")).toEqual([]);
});

test("a stripped program is refused by a Delve that needs debug information, and runs on", async () => {
  await using stripped = await buildGo("random-port", { name: "strippedprogram", flags: ["-ldflags", "-s -w"] });
  await using other = await serveProgram(stripped);
  const folder = await scratch();
  const old = join(folder, "dlv");
  await writeFile(old, "#!/bin/sh\necho 'Delve Debugger'; echo 'Version: 1.23.1'\n", { mode: 0o755 });
  const ran = await runText(lookingRunbook(`{ attach: ${other.pid} }`), ["--allow", "disrupt"], {
    env: { CASEBOOK_DLV: old },
  });
  expect(ran.finished("session").reason).toBe(
    `Delve 1.23.1 needs debug information, but strippedprogram (process ${other.pid}) is stripped`,
  );
  const nowhere = await runText(lookingRunbook(`{ attach: ${other.pid} }`), ["--allow", "disrupt"], {
    env: { CASEBOOK_DLV: "/nowhere/dlv" },
  });
  expect(nowhere.code).toBe(69);
  expect(nowhere.stderr).toContain("dlv is missing");
  expect(ran.of("process-stopped")).toEqual([]);
  expect(await other.healthz()).toBe("ok");
});
