import type { ByteSink } from "../model/evidence.js";
import type { Command, Exit, Target } from "../model/target.js";
import { decodeUtf8 } from "../util/utf8.js";

/** What a command of casebook's own printed, when it is no evidence. */
export interface Collected {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of each stream this much is kept; casebook's own commands print far less. */
const keptBytes = 4 * 1024 * 1024;

/** Runs a command and holds what it prints in memory. Never rejects for what the command did. */
export async function collect(target: Target, command: Command, signal: AbortSignal): Promise<Collected> {
  const stdout = memory();
  const stderr = memory();
  const exit = await target.run(command, { stdout, stderr }, signal);
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

function memory(): ByteSink & { text(): string } {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    directFile: null,
    write(chunk) {
      const kept = chunk.subarray(0, Math.max(0, keptBytes - size));
      if (kept.length > 0) chunks.push(Uint8Array.from(kept));
      size += kept.length;
    },
    text: () => decodeUtf8(Buffer.concat(chunks)),
  };
}
