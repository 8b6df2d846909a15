import { type ReplayOptions, replaySource } from "./replay.js";
import { liveSource, type Source } from "./source.js";

/** The host for some steps, an earlier case for the others. */
export function rerunSource(options: ReplayOptions, live: ReadonlySet<string>): Source {
  const replay = replaySource(options);
  const sourceOf = ({ key }: { readonly key: string }): Source => (live.has(key) ? liveSource : replay);
  return {
    isLive: (step) => sourceOf(step).isLive(step),
    wasOffline: (step, name) => sourceOf(step).wasOffline(step, name),
    observe: (asking) => sourceOf(asking.step).observe(asking),
    within: (step) => sourceOf(step),
    open: (asking) => sourceOf(asking.step).open(asking),
  };
}
