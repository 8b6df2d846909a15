import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** A TCP connection from this machine. Rejects with a node system error, or with the signal's reason. */
export async function dial(
  address: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  signal.throwIfAborted();
  const socket = connect({ ...address });
  try {
    await once(socket, "connect", { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
