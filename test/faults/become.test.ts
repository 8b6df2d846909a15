import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { cli } from "../support/casebook.js";
import { scratchSync } from "../support/scratch.js";
import { needs } from "../support/tools.js";

/** A user who is nobody, but may become root through `sudo -n`, as operators mostly are. */
const user = `casebook-test-${process.pid}`;
const sudoers = `/etc/sudoers.d/${user}`;

beforeEach((context) => {
  if (process.getuid?.() !== 0) context.skip("only root can make a user");
  needs(context, "sudo", "strace", "useradd");
});

let home = "";
beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  home = mkdtempSync(join(tmpdir(), "casebook-become-"));
  execFileSync("useradd", ["--no-create-home", "--home-dir", home, user]);
  execFileSync("chown", [user, home]);
  execFileSync("cp", ["-r", dirname(cli()), join(home, "dist")]);
  execFileSync("chmod", ["-R", "a+rX", join(home, "dist")]);
  writeFileSync(sudoers, `${user} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
});

afterAll(() => {
  if (home === "") return;
  execFileSync("userdel", [user]);
  rmSync(sudoers);
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Runs the command line as that user; `kill` when it says a text. */
function asUser(args: readonly string[], kill: string | null = null, path = process.env.PATH ?? ""): Promise<Ended> {
  const env = { PATH: path, HOME: home };
  const { uid, gid } = statSync(home);
  const child = spawn(process.execPath, [join(home, "dist/cli.js"), ...args], { cwd: home, env, uid, gid });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (kill !== null && text.includes(kill)) child.kill("SIGKILL");
    });
  }
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, text })));
}

function world() {
  const root = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void root.kill("SIGKILL"));
  const conf = join(scratchSync(), "app.conf");
  writeFileSync(conf, "level=info\n", { mode: 0o600 });
  chownSync(conf, 0, 0);
  chmodSync(dirname(conf), 0o711);
  writeFileSync(
    join(home, "a.yaml"),
    `casebook: 1
title: As root
defaults: { become: true }
steps:
  - id: edited
    log_level: { file: { path: "${conf}", pattern: "^level=(.*)$" }, to: debug }
    during:
      - { id: seen, log: { file: "${conf}", contains: debug }, expect: { changed: result.count == 1 } }
      - id: traced
        strace: { pid: ${root.pid} }
        during:
          - id: program
            start: { command: [sleep, "300"] }
            during: [{ id: last, run: sleep 0.3; id -un }]
`,
  );
  const tracer = (): string => /^TracerPid:\t(.*)$/m.exec(readFileSync(`/proc/${root.pid}/status`, "utf8"))?.[1] ?? "";
  return { conf, tracer };
}

test("a user without rights works as root where a step says so, and puts everything back", async () => {
  const { conf, tracer } = world();
  const ran = await asUser(["run", "a.yaml", "--allow", "perturb", "--out", "whole"]);
  expect(ran.code, ran.text).toBe(0);
  expect(ran.text).toMatch(/changed: met/);
  expect(readFileSync(conf, "utf8")).toBe("level=info\n");
  expect(statSync(conf)).toMatchObject({ uid: 0, mode: 0o100600 });
  expect(tracer()).toBe("0");
  expect(readFileSync(join(home, "whole/journal.ndjson"), "utf8")).toMatch(/"stdout":"root"/);
});

test("what such a user had changed when casebook was killed is put back by `restore`, as root again", async () => {
  const { conf, tracer } = world();
  const ran = await asUser(["run", "a.yaml", "--allow", "perturb", "--out", "killed"], "→       last");
  expect(ran.code).toBeNull();
  const restored = await asUser(["restore", "killed"]);
  expect(restored.code, restored.text).toBe(0);
  expect(restored.text).toMatch(/log level in .*: put back: .*byte for byte what it was/);
  expect(readFileSync(conf, "utf8")).toBe("level=info\n");
  expect(tracer()).toBe("0");
});

test("a user without rights and without sudo is told what is missing", async () => {
  world();
  rmSync(sudoers);
  onTestFinished(() => writeFileSync(sudoers, `${user} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 }));
  const ran = await asUser(["run", "a.yaml", "--allow", "perturb", "--out", "refused"]);
  expect(ran.code, ran.text).toBe(69);
  expect(ran.text).toMatch(/expected to become root through sudo -n.*NOPASSWD/s);
});

test("a user without rights who traces another's process is told which right is missing", async () => {
  const root = spawn("sleep", ["300"], { stdio: "ignore" });
  onTestFinished(() => void root.kill("SIGKILL"));
  const text = `casebook: 1\ntitle: T\nsteps: [{ strace: { pid: ${root.pid} }, during: [{ run: "true" }] }]\n`;
  writeFileSync(join(home, "own.yaml"), text);
  const ran = await asUser(["run", "own.yaml", "--allow", "perturb", "--out", "own"]);
  expect(ran.code, ran.text).toBe(3);
  expect(ran.text).toMatch(/expected strace to attach to process \d+, but that is not permitted to this user/);
  expect(ran.text).toMatch(/to do: say `become: true` in the step/);
});

test("a sudo that hangs is not waited for", async () => {
  const bin = scratchSync({ sudo: "#!/bin/sh\ntrap '' TERM INT\nexec sleep 60\n" });
  chmodSync(bin, 0o755);
  chmodSync(join(bin, "sudo"), 0o755);
  const path = `${bin}:${process.env.PATH}`;
  writeFileSync(join(home, "slow.yaml"), "casebook: 1\ntitle: T\nsteps: [{ run: id, become: true }]\n");
  const late = await asUser(["run", "slow.yaml", "--out", "slow"], null, path);
  expect(late.code, late.text).toBe(69);
  expect(late.text).toContain("sudo -n -u root gave no answer within 10 s; see on the host what it waits for");
});
