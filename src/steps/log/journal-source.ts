import { type StepContext, StepFailure } from "../../model/step-kind.js";
import {
  describe,
  ending,
  fromNow,
  holdUntil,
  messages,
  type Source,
  type SourceOptions,
  sinkTo,
  type Take,
  untilAborted,
} from "./take.js";

/** How long the journal may take to be read when following ends. */
const readMilliseconds = 30_000;

/** The entries of a systemd unit, one JSON object a line: systemd.journal-fields(7), "Journal JSON Format". */
export function journalSource(
  unit: string,
  directory: string | undefined,
  options: SourceOptions,
  context: StepContext,
): Source {
  // journald's clock is the host's, as that of the step's beginning.
  const begin = options.since.at ?? (fromNow(options) ? context.now() : null);
  const argv = [
    "journalctl",
    "--output=json",
    "--all",
    "--quiet",
    "--no-pager",
    ...(directory === undefined ? [] : [`--directory=${directory}`]),
    `--unit=${unit}`,
    ...(begin === null ? [] : [`--since=@${(begin.getTime() / 1000).toFixed(3)}`]),
  ];
  const read = async (take: Take, signal: AbortSignal): Promise<void> => {
    const stderr = messages();
    const exit = await context.target.run({ argv }, { stdout: sinkTo(take), stderr }, signal);
    signal.throwIfAborted();
    if (exit.code === 0) return;
    throw new StepFailure(`expected journalctl to show ${unit}, but ${describe(exit, stderr.text())}`);
  };
  return {
    missing: [],
    knowsTime: true,
    from: null,
    // The journal keeps what was written: to follow it, it is enough to read it in the end.
    read: options.mode === "follow" ? null : read,
    async follow(take, signal, begun) {
      if (options.mode === "follow") {
        begun();
        await untilAborted(signal);
        return await read(take, AbortSignal.timeout(readMilliseconds));
      }
      await holdUntil({ argv: [...argv, "--follow", "--no-tail"], ending }, take, messages(), signal, context, begun);
    },
  };
}
