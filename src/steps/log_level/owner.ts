import { isIP } from "node:net";
import { identify } from "../../linux/identity.js";
import { readSockets } from "../../linux/sockets.js";
import type { ProcessIdentity, Target } from "../../model/target.js";
import { addressOf } from "../../util/http-exchange.js";

/**
 * The process of the host that listens where a URL leads, or null when it is not on the host or cannot be seen.
 * Whether it still runs tells an endpoint that is gone from a level that is gone.
 */
export async function ownerOf(
  url: string | null,
  target: Target,
  signal: AbortSignal,
): Promise<ProcessIdentity | null> {
  if (url === null) return null;
  const { host, port } = addressOf(new URL(url));
  const sockets = await readSockets(target, { port, protocol: "tcp", state: "listening" }, signal);
  const pids = new Set(
    sockets.filter(({ address, pid }) => pid !== null && answersFor(address, host)).map(({ pid }) => pid),
  );
  const [pid] = pids;
  // Two programs on one port (SO_REUSEPORT): which of them answers cannot be told.
  return pids.size !== 1 || pid === undefined || pid === null ? null : await identify(target, pid, signal);
}

const wildcards = new Set(["0.0.0.0", "::"]);

/** Whether a socket bound to an address answers for the URL's host. Of other names it is not known that they are the host's. */
function answersFor(address: string, host: string): boolean {
  const loopback = host === "localhost" || host === "::1" || /^127\./.test(host);
  if (wildcards.has(address)) return loopback;
  if (host === "localhost") return address === "127.0.0.1" || address === "::1";
  return isIP(host) !== 0 && address === host;
}
