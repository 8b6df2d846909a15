import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";

/** A part of a file on the host; less where it ends before. @throws StepFailure when it cannot be read */
export async function readRange(
  target: Target,
  path: string,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const argv = ["od", "-An", "-v", "-tx1", "-j", String(offset), "-N", String(length), "--", path];
  const { exit, stdout, stderr } = await collect(target, { argv }, signal);
  signal.throwIfAborted();
  if (exit.code !== 0 && /past end/.test(stderr)) return Buffer.alloc(0);
  if (exit.code !== 0) throw new StepFailure(`cannot read ${path}: ${stderr.trim()}`);
  return Buffer.from(stdout.replace(/\s+/g, ""), "hex");
}
