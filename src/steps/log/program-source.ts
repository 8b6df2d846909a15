import { type ProgramChunk, type ProgramOutput, type ProgramStream, programOutput } from "../../model/offers.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { fromNow, type Source, type SourceOptions, type Take } from "./take.js";

/** What the program of a `start` step prints, both streams. */
export function programSource(step: string, options: SourceOptions, context: StepContext): Source {
  const output: ProgramOutput | null = context.of(step, programOutput);
  if (output === null) {
    throw new StepFailure(`expected ${step} to be a start step that is open here, and it is not`);
  }
  const { since } = options;
  const missing: string[] = [];
  const wanted = (chunk: ProgramChunk): boolean => since.at === null || chunk.at >= since.at;
  // The last chunk of each stream that was taken: those that come while they are taken must be neither lost nor doubled.
  const taken = new Map<ProgramStream, ProgramChunk>();
  const takeHeld = async (take: Take): Promise<void> => {
    for (const stream of output.streams) {
      const held = [...stream.chunks()];
      const last = taken.get(stream);
      const from = last === undefined ? 0 : held.indexOf(last) + 1;
      for (const chunk of held.slice(from)) {
        taken.set(stream, chunk);
        if (wanted(chunk)) await take(chunk.bytes, stream.name);
      }
      const first = held[0];
      const dropped = stream.dropped();
      if (last === undefined && dropped > 0 && (since.at === null || (first !== undefined && first.at > since.at))) {
        missing.push(`the first ${dropped} bytes of ${step}'s ${stream.name} are in its own evidence only`);
      }
    }
  };
  if (fromNow(options)) {
    for (const stream of output.streams) {
      const latest = stream.chunks().at(-1);
      if (latest !== undefined) taken.set(stream, latest);
    }
  }
  return {
    missing,
    knowsTime: true,
    from: null,
    read: takeHeld,
    async follow(take, signal, begun) {
      begun();
      for (;;) {
        const more = nextChunk(output, signal);
        await takeHeld(take);
        if (signal.aborted || (await more) === "ended") break;
      }
      await takeHeld(take);
    },
  };
}

/** Resolves when there is a new chunk, the program has ended, or the signal aborted. */
async function nextChunk(output: ProgramOutput, signal: AbortSignal): Promise<"chunk" | "ended"> {
  return await new Promise((resolve) => {
    const done = (what: "chunk" | "ended"): void => {
      unsubscribe();
      signal.removeEventListener("abort", aborted);
      resolve(what);
    };
    const aborted = (): void => done("ended");
    const unsubscribe = output.subscribe(() => done("chunk"));
    signal.addEventListener("abort", aborted, { once: true });
    void output.ended.then(() => done("ended"));
  });
}
