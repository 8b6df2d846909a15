import { waitUntil } from "../../linux/wait-until.js";
import type { UndoContext, Undone } from "../../model/step-kind.js";
import { parseAddress } from "../rpc/address.js";
import { ConnectionLost } from "../rpc/json-rpc.js";
import { DelveClient } from "../rpc/rpc-client.js";

/** Leaves a Delve of somebody else as it was found: without breakpoints of ours, and its program running if it ran. */
export async function leaveConnected(
  what: { readonly address: string; readonly breakpoints: string; readonly running: boolean },
  { target, signal }: UndoContext,
): Promise<Undone> {
  const address = parseAddress(what.address);
  if (address === null) throw new Error(`no address: ${what.address}`);
  let client: DelveClient;
  try {
    client = new DelveClient(await target.connect(address, signal));
  } catch (error) {
    // Delve removes its socket in the file system when it leaves.
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "ECONNREFUSED" && code !== "ENOENT") throw error;
    return { state: "was-undone", how: `there is no Delve at ${what.address} any more` };
  }
  try {
    await client.useApi2(signal);
    if ((await client.state(signal)).Running) await client.command({ name: "halt" }, signal);
    // A step that was under way would make the program stand at its end.
    await client.cancelNext(signal);
    const ours = (await client.listBreakpoints(signal)).filter(({ name }) => name.startsWith(what.breakpoints));
    for (const { id } of ours) await client.clearBreakpoint(id, signal);
    const cleared = `${ours.length === 1 ? "1 breakpoint" : `${ours.length} breakpoints`} cleared`;
    if (!what.running) return { state: "undone", how: `${cleared}; the program stands, as before` };
    // Its end is awaited by nobody: it runs for as long as its Delve likes.
    client.command({ name: "continue" }).catch(() => {});
    const runs = await waitUntil(async () => ((await client.state(signal)).Running ? true : null), signal);
    if (runs === null) return { state: "cannot", why: `the program of the Delve at ${what.address} stands` };
    return { state: "undone", how: `${cleared}; the program runs, as before` };
  } catch (error) {
    if (error instanceof ConnectionLost) return { state: "was-undone", how: `the Delve at ${what.address} has left` };
    throw error;
  } finally {
    client.close();
  }
}
