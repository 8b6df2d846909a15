import type { Target } from "../model/target.js";
import type { ConnectOptions } from "./connect-options.js";
import { TargetUnavailable } from "./target-unavailable.js";

export { TargetUnavailable };

type Connect = (url: string, options: ConnectOptions) => Promise<Target>;

/** URL scheme to target; what is not needed is not loaded. */
const schemes: ReadonlyMap<string, Connect> = new Map<string, Connect>([
  ["local", async (_, options) => (await import("./local/index.js")).connectLocal(options)],
  ["ssh", async (url, options) => (await import("./ssh/index.js")).connectSsh(url, options)],
  ["docker", async (url, options) => (await import("./docker/index.js")).connectDocker(url, options)],
  ["kubectl", async (url, options) => (await import("./kubectl/index.js")).connectKubectl(url, options)],
]);

/** Opens the target of a `--host` value: a URL, or a Host of the OpenSSH configuration. Rejects with `TargetUnavailable`. */
export async function connectTarget(url: string, options: ConnectOptions): Promise<Target> {
  const scheme = url === "local" ? "local" : (/^([a-z]+):\/\//.exec(url)?.[1] ?? "ssh");
  const connect = schemes.get(scheme);
  if (connect !== undefined && !(scheme === "local" && url !== "local")) return await connect(url, options);
  throw new TargetUnavailable(
    `expected a host such as local, ssh://user@host, docker://container or kubectl://namespace/pod, found ${url}`,
  );
}
