import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type RanCase, runText } from "../support/casebook.js";
import { startSshd } from "../support/sshd.js";

const runbook = await readFile(fileURLToPath(new URL("../../runbooks/deleted-files.yaml", import.meta.url)), "utf8");

// In memory: a file system on which nobody else is likely to hold such a file.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync("/dev/shm/casebook-deleted-");
});
afterAll(() => rmSync(folder, { recursive: true }));

const megabytes = 48;

/** Holds a deleted file, whose name has a blank, until the test ends. */
function hold(): number {
  const file = join(folder, "old log");
  const fd = openSync(file, "w");
  onTestFinished(() => closeSync(fd));
  writeSync(fd, Buffer.alloc(megabytes * 1024 * 1024, "x"));
  unlinkSync(file);
  return fd;
}

/** A program that holds one and writes on. */
async function write(): Promise<ChildProcess> {
  const script = `exec 7>"$0"; rm -- "$0"; head -c ${megabytes}M /dev/zero >&7; echo; while sleep 0.2; do echo more >&7; head -c 64K /dev/zero >&7; done`;
  const child = spawn("/bin/sh", ["-c", script, join(folder, "written")], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

const ask = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RanCase> => {
  const given = [`path=${folder}`, "least=40MiB", "seconds=1"].flatMap((each) => ["-i", each]);
  return runText(runbook, [...given, ...args], { env });
};

async function standings(ran: RanCase): Promise<Readonly<Record<string, string>>> {
  const { hypotheses } = JSON.parse(await ran.report("json"));
  return Object.fromEntries(
    hypotheses.map(({ name, standing }: { name: string; standing: string }) => [name, standing]),
  );
}

test("a deleted file that is held is named with its holder and its size, here and behind SSH", async () => {
  const fd = hold();
  await using sshd = await startSshd();
  for (const ran of [await ask(), await ask(["--host", "ssh://box"], sshd.env)]) {
    expect(ran.code, ran.stderr).toBe(0);
    const says = expect.stringMatching(
      new RegExp(
        `\\(process ${process.pid}, descriptor ${fd}\\) holds the deleted .${folder}/old log., ${megabytes} MiB\\. In all`,
      ),
    );
    expect(ran.of("verdict")).toMatchObject([{ answer: "deleted", says }]);
    expect(ran.of("verdict")[0]?.advice).toContain(`: > /proc/${process.pid}/fd/${fd}`);
    expect(await standings(ran)).toMatchObject({ deleted: "supported", still_written: "refuted" });
  }
});

test("one that is still written to is told so, and one that two processes hold is counted once", async () => {
  const writer = await write();
  const ran = await ask();
  expect(ran.code, ran.stderr).toBe(0);
  const { says } = ran.of("verdict")[0] ?? {};
  // Its children have the descriptor as well.
  expect(says).toMatch(new RegExp(`\\(process ${writer.pid}, descriptor 7\\) .* and still writes to it`));
  expect(await standings(ran)).toMatchObject({ deleted: "supported", still_written: "supported" });
  expect(ran.finished("held").saved).toMatchObject({ taken: expect.closeTo(megabytes * 1024 * 1024, -8) });
});

test("without such a file, the files that have names take the space", async () => {
  const ran = await ask();
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")).toMatchObject([
    { answer: "named", says: expect.stringMatching(/^Deleted files hold only \d+ MiB/) },
  ]);
  expect(await standings(ran)).toEqual({ deleted: "refuted", still_written: "open", named: "supported" });
});
