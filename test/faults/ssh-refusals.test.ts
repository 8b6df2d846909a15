import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { casebook, type Ran, runText } from "../support/casebook.js";
import { freePort } from "../support/ports.js";
import { scratch } from "../support/scratch.js";
import { type Sshd, startSshd } from "../support/sshd.js";

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd[Symbol.asyncDispose]());

const runbook = "casebook: 1\ntitle: Anything\nsteps:\n  - id: said\n    run: echo out; echo err >&2\n";

/** Runs a runbook on a host that cannot be worked on. */
async function refused(host: string, env: NodeJS.ProcessEnv = sshd.env): Promise<Ran> {
  const folder = await scratch({ "test.yaml": runbook });
  const ran = await casebook(["run", "test.yaml", "--host", host], { cwd: folder, env });
  expect(existsSync(join(folder, "reports")) && ran.stdout !== "", ran.stderr).toBe(false);
  return ran;
}

/** A test in which the client is configured otherwise. */
async function configured(lines: Readonly<Record<string, string>>, host = "box"): Promise<Ran> {
  sshd.configure(lines);
  try {
    return await refused(host);
  } finally {
    sshd.configure({});
  }
}

describe("before anything runs, casebook says why a host cannot be worked on", () => {
  test("nothing listens there", async () => {
    const ran = await refused(`ssh://127.0.0.1:${await freePort()}`);
    expect(ran).toMatchObject({ code: 69, stdout: "" });
    expect(ran.stderr).toMatch(/refuses the connection: check the port.*Connection refused/);
  });

  test("its key is not known", async () => {
    const ran = await configured({ UserKnownHostsFile: "/dev/null", GlobalKnownHostsFile: "/dev/null" });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/the host key of box is not known here: connect once by hand with ssh box/);
  });

  test("its key is another than the one known", async () => {
    await using other = await startSshd();
    const ran = await configured({ Port: String(other.port), HostKeyAlias: `[127.0.0.1]:${sshd.port}` });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/is another than the one known here: .*ssh-keygen -R/);
  });

  test("it does not let the user in, and nobody is asked for a password", async () => {
    const ran = await refused("ssh://nobody@box");
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/does not let this user in without a question.*ssh-add.*Permission denied/);
  });

  test("its name is not known", async () => {
    const ran = await configured({ HostName: "no-such-host.invalid" });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/the name of box is not known: check it, or the Host of ~\/\.ssh\/config/);
  });

  test("it does not answer", async () => {
    await using silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const ran = await configured({ Port: String(port), ConnectTimeout: "1" });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/box cannot be reached: check the network/);
  });

  test("the account has no shell", async () => {
    await using closed = await startSshd({ server: () => ["ForceCommand /usr/sbin/nologin"] });
    const ran = await refused("box", closed.env);
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/expected a shell on box, found none: .*not available/);
  });

  test("the configuration of ssh is wrong", async () => {
    const ran = await configured({ NoSuchOption: "yes" });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/ssh does not accept its configuration.*nosuchoption/i);
  });

  test("there is no ssh on this machine", async () => {
    const ran = await refused("box", { PATH: "/no-such-folder" });
    expect(ran.code).toBe(69);
    expect(ran.stderr).toContain("found no ssh: install openssh-client");
  });

  test.each(["ftp://box", "ssh://", "ssh://-oProxyCommand=true", "a b"])("%s is no host", async (host) => {
    const ran = await refused(host);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toMatch(/--host: expected a host such as .*ssh:\/\/user@host/);
  });

  test("doctor says the same", async () => {
    const ran = await casebook(["doctor", "--host", "ssh://nobody@box"], { env: sshd.env });
    expect(ran.code).toBe(69);
    expect(ran.stdout).toMatch(/✗ missing {2}ssh:\/\/nobody@box cannot be worked on: .*does not let this user in/);
  });
});

test("what start-up files print is no output of a step", async () => {
  await using noisy = await startSshd({
    server: () => [
      `ForceCommand sh -c 'echo hello; echo noise >&2; printf "no newline"; eval "$SSH_ORIGINAL_COMMAND"'`,
    ],
  });
  const ran = await runText(runbook, ["--host", "box"], { env: noisy.env });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("said").result).toMatchObject({ stdout: "out", stderr: "err" });
});

test("of several hosts each gets a case, and the most serious exit code wins", async () => {
  const folder = await scratch({ "test.yaml": runbook });
  const args = ["run", "test.yaml", "--host", "local", "--host", "ssh://nobody@box", "--host", "box"];
  const ran = await casebook(args, { cwd: folder, env: sshd.env });
  expect(ran.code, ran.stderr).toBe(69);
  expect(ran.stdout.match(/^finished: 1 step ok$/gm)).toHaveLength(2);
  expect(ran.stdout).toMatch(/reports\/\S+-test-box\/report\.md/);
});

test("where a server takes one session for each connection, the others connect by themselves", async () => {
  await using narrow = await startSshd({ server: () => ["MaxSessions 1"] });
  const ran = await runText(runbook, ["--host", "box"], { env: narrow.env });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("said").result).toMatchObject({ stdout: "out", stderr: "err" });
});
