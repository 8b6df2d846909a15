import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { isInstalled, medians, time } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

const count = 200;

/**
 * Short steps on a host behind SSH, which is this machine: streams apart, journal and evidence included.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* ssh({ folder, write, run }) {
  const server = await serve(folder, write);
  const path = process.env.PATH;
  process.env.PATH = `${server.bin}:${path}`;
  const control = ["-o", `ControlPath=${join(folder, "c")}`];
  const master = spawn("ssh", [...control, "-o", "ControlMaster=yes", "box", "cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    master.stdin.write("connected\n");
    await once(master.stdout, "data");
    const file = write("ssh-steps.yaml", runbookOf(...Array.from({ length: count }, () => "- run: 'true'")));
    const found = await medians(3, {
      steps: () => run(file, "--host", "ssh://box").milliseconds,
      master: () =>
        time(() => {
          for (let index = 0; index < count; index++) execFileSync("ssh", [...control, "box", "true"]);
        }),
    });
    const row = { work: `${count} steps over SSH`, figure: found.steps, unit: "ms" };
    yield { ...row, peerName: "ssh through a ControlMaster", peer: found.master, budget: 0.6 };
    const peer = isInstalled("ansible-playbook") ? ansible(write) : null;
    yield { ...row, peerName: "Ansible's command, pipelined", peer, budget: 0.1 };
  } finally {
    process.env.PATH = path;
    master.stdin.end();
    await once(master, "exit");
    server.child.kill();
    await once(server.child, "exit");
  }
}

/**
 * A real sshd on loopback, and an `ssh` for which it is the host `box`.
 *
 * @param {string} folder
 * @param {import("./workshop.mjs").Workshop["write"]} write
 */
async function serve(folder, write) {
  for (const name of ["host", "user"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)]);
  }
  const port = await freePort();
  const config = write(
    "sshd_config",
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "user.pub")}`,
      `PidFile ${join(folder, "pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
      // bash takes a shell of this depth for no login: what an account's start-up files cost is nobody's figure here.
      "SetEnv SHLVL=2",
    ].join("\n"),
  );
  write("known_hosts", `[127.0.0.1]:${port} ${readFileSync(join(folder, "host.pub"), "utf8")}`);
  const client = write(
    "ssh_config",
    `Host box\n HostName 127.0.0.1\n Port ${port}\n IdentityFile ${join(folder, "user")}\n UserKnownHostsFile ${join(folder, "known_hosts")}\n`,
  );
  const bin = join(folder, "bin");
  mkdirSync(bin);
  chmodSync(write("bin/ssh", `#!/bin/sh\nexec /usr/bin/ssh -F ${client} "$@"\n`), 0o755);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const child = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  await once(child.stderr, "data");
  child.stderr.resume();
  return { bin, child };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * From two lengths of a playbook, so that its start does not count.
 *
 * @param {import("./workshop.mjs").Workshop["write"]} write
 */
function ansible(write) {
  const [few = 0, more = 0] = [5, 25].map((tasks) => {
    const list = "    - command: 'true'\n".repeat(tasks);
    const playbook = write(`ssh-tasks-${tasks}.yaml`, `- hosts: all\n  gather_facts: false\n  tasks:\n${list}`);
    const args = ["--inventory", "box,", playbook];
    const env = { ...process.env, ANSIBLE_PIPELINING: "True" };
    return time(() => execFileSync("ansible-playbook", args, { stdio: "ignore", env }));
  });
  return ((more - few) / 20) * count;
}
