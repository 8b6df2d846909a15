import { StepFailure } from "../model/step-kind.js";
import type { Command, HeldProcess, Output, Target } from "../model/target.js";
import { timeLimit } from "../util/time-limit.js";
import { exportLines, give } from "./environment.js";
import { quote } from "./quote.js";
import { runHeld } from "./run-held.js";
import { readByCommand, writeByCommand } from "./shell-files.js";
import { bootstrap, oneLine } from "./words.js";

/** Whether `sudo -n` lets our user become another; what it says is the reason when it does not. */
export type AskSudo = (user: string, signal: AbortSignal) => Promise<Permission>;

interface Permission {
  readonly permitted: boolean;
  readonly said: string;
}

/** How long sudo may think: it waits for directory services and for DNS. */
const askMilliseconds = 10_000;

/** The same host as another user, through `sudo -n`. A step fails when that is not permitted. */
export function asUser(own: Target, user: string, ask: AskSudo): Target {
  const holdAs = async (
    command: Command,
    output: Output,
    options: { readonly stdin: boolean },
    signal = new AbortController().signal,
  ): Promise<HeldProcess> => {
    await assertPermitted(user, ask, signal);
    // Values come on the input, where no process list shows them; what follows there is the command's.
    const start = Buffer.from(oneLine(scriptOf(command)));
    const argv = ["sudo", "-n", "-u", user, "--", "/bin/sh", "-c", bootstrap];
    const ending = command.ending === undefined ? {} : { ending: command.ending };
    if (!options.stdin) {
      const stdin = Buffer.concat([start, Buffer.from(command.stdin ?? "")]);
      return own.hold({ argv, stdin, ...ending }, output, options);
    }
    const held = await own.hold({ argv, ...ending }, output, options);
    held.stdin?.write(start);
    return held;
  };
  const run: Target["run"] = async (command, output, signal) =>
    runHeld(await holdAs(command, output, { stdin: false }, signal), signal);
  return {
    ...own,
    run,
    hold: (command, output, options) => holdAs(command, output, options),
    // What everybody may read costs no process.
    read: (path, signal) => own.read(path, signal).catch(() => readByCommand(run, path, signal)),
    write: (path, bytes, signal) => writeByCommand(run, path, bytes, signal),
    as: (name) => (name === user ? asUser(own, user, ask) : own.as(name)),
    [Symbol.asyncDispose]: async () => {}, // the host itself is closed by whoever opened it
  };
}

function scriptOf(command: Command): string {
  const { exported, before } = give(command.env ?? {});
  return [
    ...exportLines(exported),
    ...(command.cwd === undefined ? [] : [`CDPATH= cd -- ${quote(command.cwd)} || exit 126`]),
    `exec ${[...before, ...command.argv].map(quote).join(" ")}`,
  ].join("\n");
}

async function assertPermitted(user: string, ask: AskSudo, signal: AbortSignal): Promise<void> {
  const { permitted, said } = await answered(user, ask, signal);
  if (permitted) return;
  const unknown = said.includes("unknown user");
  // What follows is sudo's own regret at having to leave.
  const [found = ""] = unknown ? said.split("\n", 1) : [said];
  throw new StepFailure(`expected to become ${user} through sudo -n, found: ${found}`, {
    remedy: unknown
      ? "name a user that the host has, or leave out become"
      : `let this user run commands as ${user} without a password (sudoers: NOPASSWD), or leave out become`,
  });
}

/** A sudo that hangs may be one that we cannot end, so it is not waited for. */
async function answered(user: string, ask: AskSudo, signal: AbortSignal): Promise<Permission> {
  using limit = timeLimit(signal, askMilliseconds);
  const late = new Promise<never>((_, reject) => {
    limit.signal.addEventListener("abort", () => reject(limit.signal.reason), { once: true });
  });
  signal.throwIfAborted();
  try {
    return await Promise.race([ask(user, limit.signal), late]);
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.signal.aborted) throw error;
    throw new StepFailure(`sudo -n -u ${user} gave no answer within ${askMilliseconds / 1000} s`, {
      remedy: "see on the host what it waits for (a directory service, DNS), or leave out become",
    });
  }
}
