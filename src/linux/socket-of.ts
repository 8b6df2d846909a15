import type { Target } from "../model/target.js";
import { collect } from "./collect.js";
import { isGone } from "./identity.js";
import { parseInetTable, protocols } from "./inet.js";
import type { SocketRow } from "./sockets.js";

/** The socket behind a descriptor, or why there is no row for it. */
export type SocketFound = { readonly socket: SocketRow } | { readonly why: string };

/**
 * The socket that a process holds under a descriptor, by its inode. Certain only while the process stands still, or if the
 * descriptor is known to stay open.
 */
export async function socketOf(target: Target, pid: number, fd: number, signal: AbortSignal): Promise<SocketFound> {
  const inode = await inodeOf(target, pid, fd, signal);
  if (typeof inode === "string") return { why: inode };
  for (const protocol of protocols) {
    const table = await readText(target, `/proc/${pid}/net/${protocol}`, signal);
    // Of a table with a hundred thousand lines only one is looked at closely.
    const lines = table.split("\n").filter((line) => line.includes(` ${inode} `));
    const found = parseInetTable(lines.join("\n"), protocol).find((socket) => socket.inode === inode);
    if (found === undefined) continue;
    const { state, address, port, peerAddress, peerPort } = found;
    const process = (await readText(target, `/proc/${pid}/comm`, signal)).replace(/\n$/, "");
    const where = { address, port, peer_address: peerAddress, peer_port: peerPort };
    return { socket: { protocol, state, ...where, process, pid, fd, inode } };
  }
  const unix = unixPath(await readText(target, `/proc/${pid}/net/unix`, signal), inode);
  const kind =
    unix === null ? "no TCP or UDP socket" : `a Unix socket ${unix === "" ? "without a name" : `at ${unix}`}`;
  return { why: `descriptor ${fd} (inode ${inode}) is ${kind}` };
}

/** The path, or behind an `@` the name, of the Unix socket with this inode; null: there is none. proc_net_unix(5) */
function unixPath(table: string, inode: number): string | null {
  for (const line of table.split("\n")) {
    const [, found, path = ""] = /^\S+: (?:\S+ +){5}(\d+)(?: (.*))?$/.exec(line) ?? [];
    if (Number(found) === inode) return path;
  }
  return null;
}

async function inodeOf(target: Target, pid: number, fd: number, signal: AbortSignal): Promise<number | string> {
  let text: string;
  try {
    text = Buffer.from(await target.read(`/proc/${pid}/fdinfo/${fd}`, signal)).toString();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT") return `process ${pid} holds no descriptor ${fd}`;
    return `descriptor ${fd} of process ${pid} may not be looked at (${error.code}): that takes the right to trace it`;
  }
  const told = /^ino:\s*(\d+)$/m.exec(text)?.[1];
  if (told !== undefined) return Number(told);
  // Kernels before 5.14 do not say it there.
  const { exit, stdout, stderr } = await collect(
    target,
    { argv: ["stat", "-L", "-c", "%i", "--", `/proc/${pid}/fd/${fd}`] },
    signal,
  );
  return exit.code === 0
    ? Number(stdout)
    : `descriptor ${fd} of process ${pid} could not be looked at: ${stderr.trim()}`;
}

/** Empty where the kernel has no such table, or the process has ended. */
async function readText(target: Target, path: string, signal: AbortSignal): Promise<string> {
  try {
    return Buffer.from(await target.read(path, signal)).toString();
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

const isSystemError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && "code" in error && typeof error.code === "string";
