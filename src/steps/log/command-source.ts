import { type StepContext, StepFailure } from "../../model/step-kind.js";
import type { Command } from "../../model/target.js";
import { quoteWords } from "../../util/shell-quote.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { describe, ending, holdUntil, type Source, type SourceOptions, sinkTo } from "./take.js";

/** What a command prints; it may go on printing for as long as it likes. */
export function commandSource(
  written: string | readonly string[],
  { mode }: SourceOptions,
  context: StepContext,
): Source {
  const argv = typeof written === "string" ? ["/bin/sh", "-c", written] : written;
  const shown = typeof written === "string" ? written.trim() : quoteWords(written);
  const command: Command = { argv, env: context.env, ending };
  const stderr = context.capture("stderr");
  const missing: string[] = [];
  return {
    missing,
    knowsTime: false,
    from: null,
    // One that goes on printing would never be read to its end: whoever waits for a line watches it from the start.
    read:
      mode !== "read"
        ? null
        : async (take, signal) => {
            const exit = await context.target.run(command, { stdout: sinkTo(take), stderr }, signal);
            signal.throwIfAborted();
            if (exit.code === 0) return;
            const ref = await stderr.close();
            const text = ref === null ? "" : decodeUtf8(await context.evidence.tail(ref.path, 4096));
            throw new StepFailure(`expected \`${shown}\` to print a log, but ${describe(exit, text)}`);
          },
    async follow(take, signal, begun) {
      const exit = await holdUntil(command, take, stderr, signal, context, begun);
      if (exit !== null && exit.code !== 0) missing.push(`\`${shown}\`: ${describe(exit, "")}`);
    },
  };
}
