import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { processesGone, processesMarked } from "../support/processes.js";
import { scratch } from "../support/scratch.js";
import { startSshd } from "../support/sshd.js";
import { expectMadeGood, type Going, waiting } from "../support/waiting.js";

/** The first shell of the connection, and its child, the guard. */
function firstShells({ mark }: Going): { readonly first: number; readonly guard: number } {
  const shells = processesMarked(mark)
    .filter((line) => /^\d+ bash -p -c IFS=/.test(line))
    .map((line) => Number.parseInt(line, 10));
  const guard = shells.find((pid) => shells.includes(parentOf(pid)));
  if (guard === undefined) throw new Error(`no guard among ${shells.join(" ")}`);
  return { first: parentOf(guard), guard };
}

const parentOf = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) . /s, "")
      .split(" ", 1)[0],
  );

test("when the host's first shell is killed, its guard ends what runs there, and everything is put back anew", async () => {
  const temporary = await scratch();
  await using sshd = await startSshd({ server: () => [`SetEnv SHLVL=2 TMPDIR=${temporary}`] });
  await using run = await waiting(sshd);
  process.kill(firstShells(run).first, "SIGKILL");
  await expectMadeGood(run);
  expect(readdirSync(temporary)).toEqual([]);
});

test("when the guard on the host is killed, the first shell does its work", async () => {
  const temporary = await scratch();
  await using sshd = await startSshd({ server: () => [`SetEnv SHLVL=2 TMPDIR=${temporary}`] });
  await using run = await waiting(sshd);
  process.kill(firstShells(run).guard, "SIGKILL");
  run.child.kill("SIGKILL");
  await run.end();
  expect(await processesGone(run.mark)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});
