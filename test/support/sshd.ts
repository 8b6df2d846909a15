import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.js";
import { childrenOf } from "./processes.js";

/** A real sshd on loopback with keys of its own, and the client's configuration for it, in which it is the Host `box`. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** In it `ssh` reads the configuration of the test alone. */
  readonly env: NodeJS.ProcessEnv;
  /** Writes the client's configuration anew. */
  configure(lines: Readonly<Record<string, string>>, host?: string): void;
  /** The processes of sshd that serve a connection. */
  connections(): readonly number[];
}

export interface SshdOptions {
  /** Further lines of its configuration. */
  readonly server?: (folder: string) => readonly string[];
  readonly client?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly port?: number;
  /** What starts sshd: in another network, for instance. */
  readonly within?: readonly string[];
}

/** Without lines of its own: bash takes a shell of that depth for no login, and leaves the account's start-up files alone. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { server = () => ["SetEnv SHLVL=2"], client = {}, address = "127.0.0.1", within = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), "casebook-sshd-"));
  const path = (name: string): string => join(folder, name);
  for (const name of ["host", "user"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path(name)]);
  }
  const port = options.port ?? (await freePort());
  writeFileSync(
    path("sshd_config"),
    [
      `ListenAddress ${address}:${port}`,
      `HostKey ${path("host")}`,
      `AuthorizedKeysFile ${path("user.pub")}`,
      `PidFile ${path("pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "AcceptEnv CASEBOOK_TEST_MARK CASEBOOK_DLV",
      ...server(folder),
    ].join("\n"),
  );
  const configure = (lines: Readonly<Record<string, string>>, host = "box"): void => {
    const all = {
      HostName: address,
      Port: String(port),
      IdentityFile: path("user"),
      IdentitiesOnly: "yes",
      UserKnownHostsFile: path("known_hosts"),
      SendEnv: "CASEBOOK_TEST_MARK CASEBOOK_DLV",
      ...lines,
    };
    writeFileSync(
      path("ssh_config"),
      [`Host ${host}`, ...Object.entries(all).map((line) => `  ${line.join(" ")}`)].join("\n"),
    );
  };
  configure(client);
  writeFileSync(path("known_hosts"), `[${address}]:${port} ${readFileSync(path("host.pub"), "utf8")}`);
  mkdirSync(path("bin"));
  writeFileSync(path("bin/ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F ${path("ssh_config")} "$@"\n`);
  chmodSync(path("bin/ssh"), 0o755);
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });

  const [program = "", ...args] = [...within, "/usr/sbin/sshd", "-D", "-e", "-f", path("sshd_config")];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  await listening(child);
  return {
    port,
    env: { PATH: `${path("bin")}:${process.env.PATH}` },
    configure,
    connections: () => childrenOf(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, "exit");
        for (const pid of childrenOf(child.pid ?? 0)) end(pid);
        child.kill();
        await exit;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("Server listening on")) resolve();
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`sshd ended: ${said}`)));
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has gone meanwhile
  }
}
