import { collect } from "../../linux/collect.js";
import type { Json } from "../../model/json.js";
import type { MarkContext, Opened, StepContext } from "../../model/step-kind.js";
import { timeLimit } from "../../util/time-limit.js";
import { type Collector, collector, type Logged } from "./collect.js";
import { markCommand, parseMark } from "./file-script.js";
import type { LogSpec } from "./spec.js";

/** Takes what is there; with `wait`, also what comes, up to the first line that is wanted. */
export async function observe(spec: LogSpec, context: StepContext): Promise<Logged> {
  const began = performance.now();
  const mode = spec.wait === undefined ? "read" : "wait";
  const collected = await collector(spec, mode, context.mark, context);
  await collected.source.read?.(collected.take, context.signal);
  if (spec.wait !== undefined && collected.count() === 0) {
    await untilFirst(collected, Math.max(0, spec.wait - (performance.now() - began)), context);
  }
  return await collected.finish();
}

async function untilFirst(collected: Collector, milliseconds: number, context: StepContext): Promise<void> {
  const found = new AbortController();
  collected.onLine = () => found.abort();
  using limit = timeLimit(context.signal, Math.ceil(milliseconds));
  await collected.source.follow(collected.take, AbortSignal.any([limit.signal, found.signal]), () => {});
  context.signal.throwIfAborted();
}

/** Takes what comes while other steps run. */
export async function open(spec: LogSpec, context: StepContext): Promise<Opened<Logged>> {
  const collected = await collector(spec, "follow", context.mark, context);
  const { source, take } = collected;
  if (spec.since !== undefined) await source.read?.(take, context.signal);
  const closing = new AbortController();
  let begun = (): void => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let failed: unknown = null;
  const following = source.follow(take, closing.signal, begun).catch((error: unknown) => {
    failed = error; // thrown by close, which always comes
  });
  await Promise.race([started, following]);
  return {
    value: {},
    async close() {
      closing.abort();
      await following;
      if (failed !== null) throw failed;
      return await collected.finish();
    },
  };
}

/** Where a file stands when a step begins that `since` will name. */
export async function mark(spec: LogSpec, { target, signal }: MarkContext): Promise<Json> {
  if (spec.file === undefined) return null;
  const { stdout } = await collect(target, { argv: markCommand(spec.file) }, signal);
  return { ...parseMark(stdout) };
}
