import { type ChildProcess, spawn } from "node:child_process";
import type { Command, Target } from "../../src/model/target.js";
import { connectRemote } from "../../src/targets/remote/index.js";
import type { Way } from "../../src/targets/remote/way.js";

/** A shell of this machine, as one of another: `before` comes before it. */
export const shell = (before: readonly string[], bootstrap: string, env: NodeJS.ProcessEnv = {}): ChildProcess => {
  const [program = "", ...args] = [...before, "/bin/sh", "-c", bootstrap];
  return spawn(program, args, { detached: true, cwd: "/", env: { ...process.env, ...env } });
};

/** This machine, as if it were another; a further shell is whatever a test makes of it. */
export function connect(way: Partial<Way>): Promise<Target> {
  const open = async (): Promise<Way> => ({
    first: (bootstrap) => shell([], bootstrap),
    further: (bootstrap) => shell([], bootstrap),
    forward: null,
    explain: (printed) => printed,
    [Symbol.asyncDispose]: async () => {},
    ...way,
  });
  return connectRemote({ name: "test://here", open }, AbortSignal.timeout(30_000));
}

/** Runs a command to its end. */
export async function run(target: Target, command: Command, signal = AbortSignal.timeout(60_000)) {
  let [out, err] = ["", ""];
  const stdout = { directFile: null, write: (bytes: Uint8Array) => void (out += Buffer.from(bytes).toString()) };
  const stderr = { directFile: null, write: (bytes: Uint8Array) => void (err += Buffer.from(bytes).toString()) };
  const exit = await target.run(command, { stdout, stderr }, signal);
  return { ...exit, out, err };
}
