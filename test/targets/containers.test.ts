import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { parsePod } from "../../src/targets/kubectl/pod.js";
import { casebook, cli, runText } from "../support/casebook.js";
import { type Container, startContainer } from "../support/container.js";
import { childrenOf } from "../support/processes.js";
import { scratch } from "../support/scratch.js";
import { needs } from "../support/tools.js";

beforeEach((context) => {
  if (process.getuid?.() !== 0) context.skip("only root can make a container");
  needs(context, "busybox", "unshare", "nsenter");
});

const runbook = (port: number): string => `casebook: 1
title: What a small image can be asked
steps:
  - { id: streams, run: "echo out; echo err >&2; exit 3", on_fail: continue }
  - { id: fed, run: { command: [cat], stdin: "what it reads" } }
  - { id: killed, run: "kill -9 $$", on_fail: continue }
  - { id: who, processes: {} }
  - { id: open, sockets: { state: listening } }
  - { id: lines, log: { file: /etc/os-release, contains: Small } }
  - id: program
    start: { command: [sh, -c, "echo up; exec sleep 64"], ready: { log: up } }
    during:
      - id: louder
        log_level: { file: { path: /etc/app.conf, pattern: 'level=(\\w+)', reload: "true" }, to: debug }
        during:
          - { id: loud, run: cat /etc/app.conf }
      - { id: answer, http: { get: "http://127.0.0.1:${port}/" } }
`;

const before = "# a comment\nlevel=info\n";

function configure({ root }: Container): string {
  const file = join(root, "etc/app.conf");
  writeFileSync(file, before, { mode: 0o640 });
  return file;
}

/** Nothing of ours is left in it: no process, no folder. */
function expectUntouched(container: Container, file: string): void {
  expect(container.processes()).toEqual([]);
  expect(readdirSync(join(container.root, "tmp"))).toEqual([]);
  expect(readFileSync(file, "utf8")).toBe(before);
  expect(statSync(file).mode & 0o777).toBe(0o640);
}

test.each(["docker://small", "kubectl://lab/web/pod-1", "kubectl://web/pod-1/side"])(
  "a container with nothing but busybox is investigated through %s",
  async (host) => {
    await using container = await startContainer();
    await using server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const file = configure(container);
    const { port } = server.address() as AddressInfo;
    const ran = await runText(runbook(port), ["--host", host, "--allow", "perturb"], { env: container.env });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.of("target-connected")).toMatchObject([{ host, facts: { hostname: "small", os: "Small Box", uid: 0 } }]);
    expect(ran.finished("streams").result).toMatchObject({ stdout: "out", stderr: "err", exit_code: 3 });
    expect(ran.finished("fed").result).toMatchObject({ stdout: "what it reads" });
    expect(ran.finished("killed").result).toMatchObject({ exit_code: null, signal: "SIGKILL" });
    const { processes } = ran.finished("who").result as { processes: { pid: number; command: string }[] };
    expect(processes[0]).toMatchObject({ pid: 1, command: "/bin/busybox sleep 1000", user: "root" });
    const { sockets } = ran.finished("open").result as { sockets: { port: number }[] };
    expect(sockets).toContainEqual(expect.objectContaining({ port }));
    expect(ran.finished("lines").result).toMatchObject({ count: 1 });
    expect(ran.finished("loud").result).toMatchObject({ stdout: before.replace("info", "debug").trimEnd() });
    expect(ran.finished("answer").result).toMatchObject({ status: 200, body: "hello" });
    expectUntouched(container, file);
  },
);

test("when the client of a container is killed, the container ends what runs there and the rest is put back", async () => {
  await using container = await startContainer();
  const file = configure(container);
  const text = runbook(1).replace("cat /etc/app.conf", "echo waiting; sleep 60");
  const folder = await scratch({ "test.yaml": text });
  const args = [cli(), "run", "test.yaml", "--host", "docker://small", "--allow", "perturb", "--out", "case"];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...container.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    told += more;
  });
  const closed = once(child, "close");
  let cut = false;
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    told += more;
    // The first that was started holds the guard.
    const [first] = childrenOf(child.pid ?? 0);
    if (cut || first === undefined || !/→ +loud:?\n/.test(told)) return;
    cut = true;
    process.kill(first, "SIGKILL");
  });
  await closed;
  expect(child.exitCode, told).toBe(3);
  expect(told).toMatch(/the connection to docker:\/\/small was lost/);
  expectUntouched(container, file);
});

test.each([
  ["docker://other", /there is no such container: docker ps lists them/],
  ["kubectl://web/other", /there is no such pod: kubectl get pods lists them/],
])("%s cannot be worked on, and casebook says why", async (host, says) => {
  await using container = await startContainer();
  const folder = await scratch({ "test.yaml": runbook(1) });
  const args = ["run", "test.yaml", "--allow", "perturb", "--host", host];
  const ran = await casebook(args, { cwd: folder, env: container.env });
  expect(ran).toMatchObject({ code: 69, stdout: "" });
  expect(ran.stderr).toMatch(says);
});

test("an image without a shell, and a machine without docker", async () => {
  await using container = await startContainer({ shell: false });
  const bare = await casebook(["doctor", "--host", "docker://small"], { env: container.env });
  expect(bare.code).toBe(69);
  expect(bare.stdout).toMatch(/✗ missing .* there is no sh in it/);
  const none = await casebook(["doctor", "--host", "docker://small"], { env: { PATH: "/no-such-folder" } });
  expect(none.code).toBe(69);
  expect(none.stdout).toMatch(/expected docker on this machine, found none/);
});

test("of three parts the first is a context if there is one of that name; a slash in a name is escaped", async () => {
  const contexts = async () => ["lab", "arn:aws:eks/cluster"];
  const nothing = { context: null, container: null };
  expect(await parsePod("kubectl://web/pod", contexts)).toEqual({ ...nothing, namespace: "web", pod: "pod" });
  expect(await parsePod("kubectl://lab/web/pod", contexts)).toMatchObject({ context: "lab", container: null });
  expect(await parsePod("kubectl://web/pod/side", contexts)).toMatchObject({ context: null, container: "side" });
  expect(await parsePod("kubectl://arn:aws:eks%2Fcluster/web/pod/side", contexts)).toEqual({
    context: "arn:aws:eks/cluster",
    namespace: "web",
    pod: "pod",
    container: "side",
  });
});
