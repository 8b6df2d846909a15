import type { Target } from "../model/target.js";
import type { ConnectOptions } from "./connect-options.js";
import { TargetUnavailable } from "./target-unavailable.js";

export { TargetUnavailable };

interface Scheme {
  connect(url: string, options: ConnectOptions): Promise<Target>;
  /** Rejects with `TargetUnavailable` for what names no host in its way. */
  parse(url: string): Promise<unknown>;
}

/** By the scheme of a URL; what is not needed is not loaded. */
const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  [
    "local",
    {
      connect: async (_, options) => (await import("./local/index.js")).connectLocal(options),
      parse: async () => {},
    },
  ],
  [
    "ssh",
    {
      connect: async (url, options) => (await import("./ssh/index.js")).connectSsh(url, options),
      parse: async (url) => (await import("./ssh/destination.js")).parseDestination(url),
    },
  ],
  [
    "docker",
    {
      connect: async (url, options) => (await import("./docker/index.js")).connectDocker(url, options),
      parse: async (url) => (await import("./docker/index.js")).parseContainer(url),
    },
  ],
  [
    "kubectl",
    {
      connect: async (url, options) => (await import("./kubectl/index.js")).connectKubectl(url, options),
      parse: async (url) => (await import("./kubectl/pod.js")).parsePod(url, async () => []),
    },
  ],
]);

/** Opens the target of a `--host` value: a URL, or a Host of the OpenSSH configuration. Rejects with `TargetUnavailable`. */
export async function connectTarget(url: string, options: ConnectOptions): Promise<Target> {
  return await schemeOf(url).connect(url, options);
}

/** Why a `--host` value names no host at all, wherever it is; null when it does. */
export async function hostMistake(url: string): Promise<string | null> {
  try {
    await schemeOf(url).parse(url);
    return null;
  } catch (error) {
    if (error instanceof TargetUnavailable) return error.message;
    throw error;
  }
}

function schemeOf(url: string): Scheme {
  const name = url === "local" ? "local" : (/^([a-z]+):\/\//.exec(url)?.[1] ?? "ssh");
  const scheme = schemes.get(name);
  if (scheme !== undefined && !(name === "local" && url !== "local")) return scheme;
  throw new TargetUnavailable(
    `expected a host such as local, ssh://user@host, docker://container or kubectl://namespace/pod, found ${url}`,
  );
}
