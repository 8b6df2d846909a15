import type { ByteSink } from "../model/evidence.js";
import type { Exit, Target } from "../model/target.js";

/** What a command printed that a preflight runs: a few lines. */
export interface Printed {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the preflight's own on the host; nothing of it is evidence. */
export async function printed(target: Target, argv: readonly string[], signal: AbortSignal): Promise<Printed> {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const keep = (chunks: Uint8Array[]): ByteSink => ({
    directFile: null,
    write: (chunk) => void chunks.push(Uint8Array.from(chunk)),
  });
  const exit = await target.run({ argv }, { stdout: keep(out), stderr: keep(err) }, signal);
  return { exit, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}
