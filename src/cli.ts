#!/usr/bin/env node
import module from "node:module";
import { constants, homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { WriteStream } from "node:tty";
import { inspect } from "node:util";
import { exitCode } from "./commands/exit-code.js";
import type { Io, Output, Screen } from "./commands/io.js";
import { visible } from "./util/visible.js";
import { version } from "./version.js";

// The global `process`: importing node:process reads each of its properties, some of which are slow to build.
const args = process.argv.slice(2);
const signals = ["INT", "TERM", "HUP"] as const;

// Everything else is loaded only when it is needed: asking for the version costs hardly more than starting node.
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) output(process.stdout).write(`${version}\n`);
else await main();

async function main(): Promise<void> {
  process.on("uncaughtException", uncaught);
  cacheCompiledCode();
  try {
    const { execute } = await import("./commands/index.js");
    process.exitCode = await execute(createIo());
  } catch (error) {
    process.exitCode = bug(error);
  }
  await Promise.all([process.stdout, process.stderr].map(drained));
  // Left to itself, node gives signals back to the kernel some milliseconds before it is gone.
  process.exit();
}

/** A run puts back what it changed before it ends; nothing else has anything open. Rejections that nobody handles come here too. */
function uncaught(error: unknown): void {
  process.exit(bug(error));
}

/** Who asked for results did not get them, which is no success; what is graver, or is told by the code alone, stands. */
function tellUnwritten(error: NodeJS.ErrnoException | null, code: number): void {
  // Who reads our output is free to leave (`casebook kinds | head`).
  if (error === null || error.code === "EPIPE" || error.code === "EIO") return;
  process.stderr.write(`casebook: standard output took no more (${error.code}): what is missing there is not shown\n`);
  if (code === exitCode.ok || code === exitCode.undecided) process.exitCode = exitCode.failed;
}

/** Pipes take their time, but for those of Linux. */
async function drained(stream: WriteStream): Promise<void> {
  if (stream.writableLength === 0 || stream.errored !== null) return;
  await new Promise<void>((resolve) => {
    stream.once("drain", resolve).once("error", () => resolve());
  });
}

/** What came too late to interrupt anything must not hide, in the last milliseconds of the process, how it ended. */
function late(signal: NodeJS.Signals): never {
  process.exit(process.exitCode ?? 128 + constants.signals[signal]);
}

/** Node 22.1 and later keep compiled code; not in the shared temporary folder, where others could plant theirs. */
function cacheCompiledCode(): void {
  if (!("enableCompileCache" in module) || typeof module.enableCompileCache !== "function") return;
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "casebook"));
}

function createIo(): Io {
  const cwd = workingFolder();
  return {
    // Opening it loads node's streams, and few commands read it.
    get stdin() {
      return process.stdin;
    },
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    get canAsk() {
      return process.stdin.isTTY === true && process.stderr.isTTY === true;
    },
    env: process.env,
    cwd,
    user: userName(),
    pid: process.pid,
    args,
    now: () => new Date(),
    onSignal(listener) {
      const listeners = signals.map((signal) => [`SIG${signal}`, () => listener(signal)] as const);
      for (const [name, listen] of listeners) process.on(name, listen).off(name, late);
      return {
        [Symbol.dispose]() {
          for (const [name, listen] of listeners) {
            if (process.listenerCount(name) === 1) process.on(name, late);
            process.off(name, listen);
          }
        },
      };
    },
    onUncaught(listener) {
      process.on("uncaughtException", listener).off("uncaughtException", uncaught);
      return {
        [Symbol.dispose]: () => void process.on("uncaughtException", uncaught).off("uncaughtException", listener),
      };
    },
    reportBug: bug,
    leave: (code) => process.exit(code),
  };
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    process.stderr.write("casebook: the folder that it was started in does not exist any more; go to another\n");
    process.exit(64);
  }
}

/** A container may run as a number that no account has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

function output(stream: WriteStream): Output {
  let failed: Error | null = null;
  // Whatever becomes of our output, the work goes on.
  stream.on("error", (error) => {
    failed ??= error;
  });
  // Of what was written last, node tells only later.
  if (stream === process.stdout) process.once("exit", (code) => tellUnwritten(failed ?? stream.errored, code));
  const isTerminal = stream.isTTY === true;
  return {
    stream,
    isTerminal,
    colour: isTerminal && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    screen: isTerminal && process.env.TERM !== "dumb" ? screenOf(stream) : null,
    write(text) {
      if (failed === null) stream.write(text);
    },
  };
}

/** A pseudo-terminal may have no size yet. */
function screenOf(stream: WriteStream): Screen {
  return {
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
    onResize(listener) {
      stream.on("resize", listener);
      return { [Symbol.dispose]: () => stream.off("resize", listener) };
    },
  };
}

/** The one place where a bug is told; gives the exit code. */
function bug(error: unknown, folder?: string): number {
  const at = `casebook ${version}, node ${process.version}, ${process.platform} ${process.arch}`;
  const known = folder === undefined ? "" : `, with the case ${folder} if it may be shown`;
  const ask = `casebook: this is a bug in casebook. Please report it with the lines above${known}: ${at}`;
  process.stderr.write(`${visible(inspect(error, { colors: false }))}\n\n${ask}\n`);
  return 70;
}
