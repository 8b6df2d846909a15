import { StepFailure } from "../../model/step-kind.js";
import type { Command, HeldProcess, Output, Target } from "../../model/target.js";
import { readByCommand, writeByCommand } from "../shell-files.js";
import { hold } from "./hold.js";
import { quote } from "./quote.js";
import type { Registry } from "./registry.js";
import { runHeld } from "./run-held.js";

/**
 * Reads a script of the length that the first line names, and becomes what it says. So values come on the input, where no
 * process list shows them, and what follows on the input is the command's.
 */
const reader = 'IFS= read -r length && eval "$(head -c "$length")"';

/** This machine as another user, through `sudo -n`. A step fails when that is not permitted. */
export function asUser(own: Target, user: string, registry: Registry): Target {
  const holdAs = async (
    command: Command,
    output: Output,
    options: { readonly stdin: boolean },
  ): Promise<HeldProcess> => {
    await assertPermitted(user);
    const script = Buffer.from(scriptOf(command));
    const start = Buffer.concat([Buffer.from(`${script.length}\n`), script]);
    const argv = ["sudo", "-n", "-u", user, "--", "/bin/sh", "-c", reader];
    const ending = command.ending === undefined ? {} : { ending: command.ending };
    if (!options.stdin) {
      const stdin = Buffer.concat([start, Buffer.from(command.stdin ?? "")]);
      return hold({ argv, stdin, ...ending }, output, options, registry);
    }
    const held = await hold({ argv, ...ending }, output, options, registry);
    held.stdin?.write(start);
    return held;
  };
  const run: Target["run"] = async (command, output, signal) =>
    runHeld(await holdAs(command, output, { stdin: false }), signal);
  return {
    ...own,
    run,
    hold: holdAs,
    // What everybody may read costs no process.
    read: (path, signal) => own.read(path, signal).catch(() => readByCommand(run, path, signal)),
    write: (path, bytes, signal) => writeByCommand(run, path, bytes, signal),
    as: (name) => (name === user ? asUser(own, user, registry) : own.as(name)),
    [Symbol.asyncDispose]: async () => {}, // the machine itself is closed by whoever opened it
  };
}

function scriptOf(command: Command): string {
  const exports = Object.entries(command.env ?? {}).map(([name, value]) => `export ${name}=${quote(value)}; `);
  const place = command.cwd === undefined ? "" : `cd -- ${quote(command.cwd)} || exit 126; `;
  return `${exports.join("")}${place}exec ${command.argv.map(quote).join(" ")}`;
}

async function assertPermitted(user: string): Promise<void> {
  const { execa } = await import("execa"); // heavy, and hardly ever needed
  const { exitCode, stderr, shortMessage } = await execa("sudo", ["-n", "-u", user, "--", "true"], { reject: false });
  if (exitCode === 0) return;
  throw new StepFailure(`expected to become ${user} through sudo -n, found: ${stderr || shortMessage}`, {
    remedy: `let this user run commands as ${user} without a password (sudoers: NOPASSWD), or leave out become`,
  });
}
