import { existsSync, readFileSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { hostname, release, type, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import type { Duplex } from "node:stream";
import type { Address, Command, Exit, HostFacts, Target } from "../../model/target.js";
import { lazy } from "../../util/lazy.js";
import type { ConnectOptions } from "../connect-options.js";
import { runHeld } from "../run-held.js";
import { asUser } from "../sudo.js";
import { askSudo } from "./ask-sudo.js";
import { cannotStart } from "./cannot-start.js";
import { hold } from "./hold.js";
import { openRegistry } from "./registry.js";
import { Shell } from "./shell.js";

/** This machine. */
export async function connectLocal(options: ConnectOptions): Promise<Target> {
  const registry = await openRegistry();
  const host = facts();
  const idle: Shell[] = [];
  const all: Shell[] = [];

  /** By way of a shell that stays: hardly more than its fork. Needs the output to go straight into files. */
  async function runInShell(command: Command, stdout: string, stderr: string, signal: AbortSignal): Promise<Exit> {
    let shell = idle.pop();
    while (shell !== undefined && !shell.alive) shell = idle.pop();
    let exit: Exit | null;
    try {
      if (shell === undefined) {
        shell = new Shell(registry, options.scratch, all.length);
        all.push(shell);
      }
      exit = await shell.run({ command, stdout, stderr }, signal);
    } catch (error) {
      throw cannotStart(command.argv[0] ?? "a program", error);
    }
    if (shell.alive) idle.push(shell);
    return exit ?? { code: null, signal: "SIGKILL" }; // only a kill takes the shell from under its command
  }

  const own: Target = {
    name: "local",
    cwd: process.cwd(),
    facts: async () => host,
    lost: new AbortController().signal,
    reconnect: async () => {},
    async run(command, output, signal) {
      const { stdout, stderr } = output;
      if (stdout.directFile !== null && stderr.directFile !== null && hasBash()) {
        return runInShell(command, stdout.directFile, stderr.directFile, signal);
      }
      return runHeld(await hold(command, output, { stdin: false }, registry), signal);
    },
    hold: (command, output, how) => hold(command, output, how, registry),
    read: (path, signal) => readFile(path, { signal }),
    write: replaceBytes,
    connect: connectSocket,
    as: (user) => (user === host.user ? own : asUser(own, user, askSudo)),
    async [Symbol.asyncDispose]() {
      for (const shell of all) await shell.close();
      await registry[Symbol.asyncDispose]();
    },
  };
  return own;
}

/** Looked for where it would be started from: to start one only to see takes as long as some steps. */
const hasBash = lazy(() =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "bash"))),
);

function facts(): HostFacts {
  return {
    hostname: hostname(),
    ...account(),
    kernel: `${type()} ${release()} ${process.arch}`,
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease())?.[1] ?? "",
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  };
}

/** A container may run as a number that no account has. */
function account(): Pick<HostFacts, "user" | "uid"> {
  try {
    const { username, uid } = userInfo();
    return { user: username, uid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    const uid = process.getuid?.() ?? -1; // there always is one on Linux
    return { user: String(uid), uid };
  }
}

/** Empty in a container without one. */
function osRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return "";
  }
}

/**
 * Keeps inode, owner and mode: the bytes are replaced in place. What makes the file longer is written first, so that a full
 * disk leaves it as it was.
 */
async function replaceBytes(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    try {
      await writeAt(file, bytes.subarray(size), size);
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
    await writeAt(file, bytes.subarray(0, size), 0);
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** One write may take a part only. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

function connectSocket(address: Address, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, signal });
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
