import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, type TestContext, test } from "vitest";
import { connect, run, shell } from "../support/as-another.js";
import { runText } from "../support/casebook.js";
import { programsBut } from "../support/programs-but.js";
import { scratch } from "../support/scratch.js";
import { startSshd } from "../support/sshd.js";

test("a temporary folder that is not there is no hindrance", async () => {
  const shellThere = (bootstrap: string) => shell([], bootstrap, { TMPDIR: "/nonexistent" });
  await using target = await connect({ first: shellThere, further: shellThere });
  expect(await run(target, { argv: ["echo", "said"] })).toMatchObject({ code: 0, out: "said\n", err: "" });
});

const rootOnly = (context: TestContext): void => context.skip(process.getuid?.() !== 0, "only root can mount");

test("a host that has no place for a file says so", async (context) => {
  rootOnly(context);
  const places = ["/tmp", "/var/tmp", "/dev/shm"];
  const mounts = places.map((place) => `mount -t tmpfs -o ro none ${place}`);
  const bare = ["unshare", "-m", "sh", "-c", `${mounts.join(" && ")} && exec "$@"`, "sh"];
  const first = (bootstrap: string) => shell(bare, bootstrap, { HOME: "/proc", TMPDIR: "" });
  await expect(connect({ first })).rejects.toThrow(
    /expected room for a few small files in TMPDIR, .*, found no folder to write into: mktemp: .*\/proc/,
  );
});

/** A small disk, mounted where a test has it to itself. */
async function smallDisk(): Promise<string> {
  const folder = await scratch();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", folder]);
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}

/** What casebook writes down of each process fills a page of memory, the last that the disk had left. */
const runbook = (disk: string, rounds: number): string => `casebook: 1
title: The disk with the temporary folder becomes full
defaults: { on_fail: continue }
steps:
  - run: cat /dev/zero >'${disk}/fill'
  - { id: many, for_each: { n: "${JSON.stringify(Array.from({ length: rounds }, (_, n) => n))}" }, run: "true" }
  - { id: after, run: "echo ran >'${disk}-ran'" }
  - { id: fed, run: { command: "cat >'${disk}-ran'", stdin: in } }
  - id: program
    start: { command: [touch, "${disk}-ran"] }
    during: [{ run: "true" }]
`;

const hosts = [
  { host: "this machine", without: null, rounds: 240 },
  { host: "a host", without: [], rounds: 25 },
  { host: "a host without bash", without: ["bash"], rounds: 25 },
] as const;

describe.each(hosts)("on $host whose temporary folder is full", ({ without, rounds }) => {
  test("nothing runs that nobody would end", async (context) => {
    rootOnly(context);
    const disk = await smallDisk();
    const text = runbook(disk, rounds);
    await using sshd =
      without === null
        ? null
        : await startSshd({
            server: (own) => [`SetEnv SHLVL=2 TMPDIR=${disk} PATH=${programsBut(without, own)}`],
          });
    const ran =
      sshd === null
        ? await runText(text, ["--allow", "perturb"], { env: { TMPDIR: disk } })
        : await runText(text, ["--allow", "perturb", "--host", "box"], { env: sshd.env });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.finished("after").reason).toMatch(/found 126: casebook: the command was not run: no room on the disk/);
    for (const step of ["fed", "program"]) {
      expect(ran.finished(step)).toMatchObject({
        outcome: "failed",
        reason: expect.stringMatching(/\bdisk\b|one more shell/),
      });
    }
    expect(existsSync(`${disk}-ran`)).toBe(false);
    rmSync(join(disk, "fill"), { force: true });
    expect(readdirSync(disk)).toEqual([]);
  });
});
