import type { ByteSink, Evidence } from "../../model/evidence.js";
import type { ProgramChunk, ProgramOutput, ProgramStream } from "../../model/offers.js";

/** Of each stream this much stays in memory for steps that read it while the program runs. */
const heldBytes = 16 * 1024 * 1024;

/** A chunk takes about this much beside its bytes. */
const chunkOverhead = 200;

type Listener = (chunk: ProgramChunk, stream: ProgramStream) => void;

/** The streams of a running program: on their way into the evidence, and readable meanwhile. */
export interface LiveOutput {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  offer(ended: Promise<unknown>): ProgramOutput;
}

/** @param now when a chunk arrives */
export function liveOutput(stdout: Evidence, stderr: Evidence, now: () => Date): LiveOutput {
  const listeners = new Set<Listener>();
  const emit: Listener = (chunk, stream) => {
    for (const listener of listeners) listener(chunk, stream);
  };
  const out = liveStream("stdout", stdout, now, emit);
  const err = liveStream("stderr", stderr, now, emit);
  return {
    stdout: out.sink,
    stderr: err.sink,
    offer: (ended) => ({
      streams: [out.stream, err.stream],
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      ended,
    }),
  };
}

function liveStream(name: ProgramStream["name"], evidence: Evidence, now: () => Date, emit: Listener) {
  const held: ProgramChunk[] = [];
  let size = 0;
  let dropped = 0;
  const stream: ProgramStream = { name, chunks: () => held, dropped: () => dropped };
  const sink: ByteSink = {
    // The bytes have to pass through here: whoever waits for a line is told of it when it arrives.
    directFile: null,
    write(bytes) {
      const chunk = { at: now(), bytes: Uint8Array.from(bytes) };
      held.push(chunk);
      size += chunk.bytes.length + chunkOverhead;
      while (size > heldBytes && held.length > 1) {
        const oldest = held.shift();
        size -= (oldest?.bytes.length ?? 0) + chunkOverhead;
        dropped += oldest?.bytes.length ?? 0;
      }
      emit(chunk, stream);
      return evidence.write(bytes);
    },
  };
  return { stream, sink };
}
