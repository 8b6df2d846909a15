import { minorOf } from "../../delve/program/compatibility.js";
import type { DelveClient } from "../../delve/rpc/rpc-client.js";

/** The goroutine that a thread runs, as far as registers tell: of a program without debug information Delve knows none. */
export interface BareGoroutine {
  /** Where the runtime keeps it: the same for as long as it exists. */
  readonly address: bigint;
  /** 0: with this Go it is not known where the number lies. */
  readonly id: number;
  /** Where the stack pointer is below the upper end of the goroutine's stack: negative, and the same when the stack is moved. */
  readonly frame: number;
  readonly registers: ReadonlyMap<string, bigint>;
}

/** Where a goroutine has the upper end of its stack: https://go.googlesource.com/go/+/refs/heads/master/src/runtime/runtime2.go */
const stackEnd = 8;

/** And its number, which moved when Go 1.23 put a field before it. */
function numberAt(goVersion: string | null): number | null {
  const minor = goVersion === null ? null : minorOf(goVersion);
  if (minor === null || minor < 17 || minor > 24) return null;
  return minor < 23 ? 152 : 160;
}

/** null: not on amd64, whose Go functions have their goroutine in R14 from Go 1.17 on. */
export async function bareGoroutine(
  client: DelveClient,
  threadId: number,
  goVersion: string | null,
  signal: AbortSignal,
): Promise<BareGoroutine | null> {
  const registers = await client.registers(threadId, signal);
  const address = registers.get("R14");
  const stackPointer = registers.get("RSP");
  if (address === undefined || stackPointer === undefined) return null;
  const at = numberAt(goVersion);
  const bytes = await client.memory(String(address), at === null ? stackEnd + 8 : at + 8, signal);
  const frame = Number(stackPointer - bytes.readBigUInt64LE(stackEnd));
  return { address, id: at === null ? 0 : Number(bytes.readBigUInt64LE(at)), frame, registers };
}
