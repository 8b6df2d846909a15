import type { Target } from "../model/target.js";
import type { ConnectOptions } from "./connect-options.js";
import { connectLocal } from "./local/index.js";

type Connect = (url: string, options: ConnectOptions) => Promise<Target>;

/** URL scheme to target. */
const schemes: ReadonlyMap<string, Connect> = new Map([["local", (_url, options) => connectLocal(options)]]);

/** A host that cannot be worked on; the message says what was expected and what to do. */
export class TargetUnavailable extends Error {
  override readonly name = "TargetUnavailable";
}

/** Opens the target of a `--host` value. Rejects with `TargetUnavailable`. */
export function connectTarget(url: string, options: ConnectOptions): Promise<Target> {
  const connect = schemes.get(url.split(":")[0] ?? "");
  if (connect !== undefined) return connect(url, options);
  return Promise.reject(
    new TargetUnavailable(`expected a host such as ${[...schemes.keys()].join(", ")}, found ${url}`),
  );
}
