import type { ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { connectError } from "../connect-error.js";
import { ProcessStream } from "../process-stream.js";

/** Why the host could not make a connection. */
export function refusalOf(printed: string): string | null {
  const refusals = [...printed.matchAll(/channel \d+: open failed: (.*)/g)];
  return refusals.at(-1)?.[1]?.trim() ?? null;
}

/**
 * A `ssh -W` that speaks at level DEBUG1, as a stream, once it says that the host is connected. Rejects with an error that has a node
 * system error's `code`.
 *
 * @param told what the ssh that holds the connection says of a refusal
 */
export function forwarded(child: ChildProcess, told: () => string | null, signal: AbortSignal): Promise<Duplex> {
  const stream = new ProcessStream(child);
  return new Promise((resolve, reject) => {
    let said = "";
    const abort = (): void => {
      stream.destroy();
      reject(signal.reason);
    };
    const closed = async (): Promise<void> => {
      await setImmediate(); // the words of the other ssh came first, and may be read last
      signal.removeEventListener("abort", abort);
      const why = refusalOf(said) ?? told() ?? said.trim().split("\n").at(-1) ?? "";
      reject(connectError(why));
    };
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-8192);
      // With a connection of its own it cannot know: that the host refuses shows when something is sent.
      if (!/: master session id: |Entering interactive session/.test(said)) return;
      signal.removeEventListener("abort", abort);
      resolve(stream);
    });
    child.once("close", closed);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
