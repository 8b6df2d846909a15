import type { TargetConnected } from "../model/event.js";
import type { Target } from "../model/target.js";

/** Stands for the host of a recorded case where nothing may be asked of a host. */
export function recordedTarget({ host, cwd, facts }: TargetConnected): Target {
  const refuse = (): never => {
    throw new Error("a replay asked its host");
  };
  const target: Target = {
    name: host,
    cwd,
    facts: async () => facts,
    lost: new AbortController().signal,
    reconnect: refuse,
    run: refuse,
    hold: refuse,
    read: refuse,
    write: refuse,
    connect: refuse,
    as: () => target,
    [Symbol.asyncDispose]: async () => {},
  };
  return target;
}
