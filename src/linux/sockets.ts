import type { Target } from "../model/target.js";
import { hasName } from "./by-name.js";
import { collect } from "./collect.js";
import { type InetSocket, type Protocol, parseInetTable, protocols } from "./inet.js";
import { beginSection, chooseListing, readSections } from "./sections.js";
import { parseStats } from "./stat.js";

/** A socket and who holds it, as steps see it. The last fields are null where no process of ours to read holds it. */
export interface SocketRow {
  readonly protocol: Protocol;
  readonly state: string;
  readonly address: string;
  readonly port: number;
  readonly peer_address: string;
  readonly peer_port: number;
  readonly process: string | null;
  readonly pid: number | null;
  readonly fd: number | null;
  readonly inode: number;
}

/** What sockets are wanted; absent: all. */
export interface SocketFilter {
  readonly process?: string | undefined;
  /** Also chooses the network namespace: the one that this process is in. */
  readonly pid?: number | undefined;
  /** The local port. */
  readonly port?: number | undefined;
  /** `tcp` and `udp` stand for both address families. */
  readonly protocol?: Protocol | undefined;
  readonly state?: string | undefined;
}

const parts = [...protocols, "stat", "descriptors"] as const;

/** Exit code of the script when the process of the filter is not there. */
export const noSuchProcess = 3;

/**
 * Everything about sockets that /proc tells, in one shell: the tables of the network namespace, then who holds which
 * descriptor. `$1` is the process whose namespace and descriptors are meant, or empty. Of a descriptor's listing only
 * sockets are kept; `ls -q` keeps a path with a line break on one line.
 */
const script = [
  'net="/proc/self/net"; [ -z "$1" ] || net="/proc/$1/net"',
  `[ -e "$net/tcp" ] || exit ${noSuchProcess}`,
  ...protocols.flatMap((name) => [
    beginSection(name),
    // Without IPv6 in the kernel there are no tables of it.
    name.endsWith("6") ? `[ ! -e "$net/${name}" ] || cat "$net/${name}"` : `cat "$net/${name}"`,
  ]),
  beginSection("stat"),
  'if [ -n "$1" ]; then cat "/proc/$1/stat"; else cat /proc/[0-9]*/stat; fi',
  beginSection("descriptors"),
  chooseListing,
  `if [ -n "$1" ]; then echo "/proc/$1/fd:"; ls "$list" "/proc/$1/fd"; else ls "$list" /proc/[0-9]*/fd; fi |`,
  "grep -e '^/proc/[0-9]*/fd:$' -e ' -> socket:'",
  // Processes come and go while they are read: what could not be read is on standard error, and no failure.
  "exit 0",
].join("\n");

/** The command whose output `parseSockets` reads. */
export const socketsCommand = (filter: SocketFilter): readonly string[] => [
  "/bin/sh",
  "-c",
  script,
  "sockets",
  filter.pid === undefined ? "" : String(filter.pid),
];

/** The sockets that the filter wants, each once, sorted by protocol, address and port. */
export async function parseSockets(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  filter: SocketFilter,
): Promise<SocketRow[]> {
  const texts = await readSections(chunks, parts);
  const names = new Map(parseStats(texts.stat).map((stat) => [stat.pid, stat.comm]));
  const holders = parseHolders(texts.descriptors);
  return protocols
    .flatMap((protocol) => parseInetTable(texts[protocol], protocol))
    .flatMap((socket) => {
      const all = (holders.get(socket.inode) ?? []).map((holder) => ({
        ...holder,
        name: names.get(holder.pid) ?? null,
      }));
      const wanted = all.filter((holder) => fitsHolder(holder, filter));
      if (needsHolder(filter) && wanted.length === 0) return [];
      return fits(socket, filter) ? [row(socket, wanted[0] ?? null)] : [];
    })
    .sort(byPlace);
}

/** The sockets that the filter wants, as of now; an empty list when its process is not there. Rejects when the signal aborts. */
export async function readSockets(target: Target, filter: SocketFilter, signal: AbortSignal): Promise<SocketRow[]> {
  const { stdout } = await collect(target, { argv: socketsCommand(filter) }, signal);
  // What the script had not printed yet would read as sockets that nobody holds.
  signal.throwIfAborted();
  return parseSockets([Buffer.from(stdout)], filter);
}

interface Holder {
  readonly pid: number;
  readonly fd: number;
}

interface NamedHolder extends Holder {
  readonly name: string | null;
}

/** Who holds an inode, by pid and descriptor: a socket that a server's children inherited belongs to the first of them. */
function parseHolders(listing: string): ReadonlyMap<number, readonly Holder[]> {
  const holders = new Map<number, Holder[]>();
  let pid = 0;
  for (const line of listing.split("\n")) {
    const folder = /^\/proc\/(\d+)\/fd:$/.exec(line);
    if (folder !== null) pid = Number(folder[1]);
    const link = /(\d+) -> socket:\[(\d+)\]$/.exec(line);
    if (link === null) continue;
    const inode = Number(link[2]);
    holders.set(inode, [...(holders.get(inode) ?? []), { pid, fd: Number(link[1]) }]);
  }
  for (const list of holders.values()) list.sort((left, right) => left.pid - right.pid || left.fd - right.fd);
  return holders;
}

const needsHolder = (filter: SocketFilter): boolean => filter.pid !== undefined || filter.process !== undefined;

const fitsHolder = (holder: NamedHolder, { pid, process }: SocketFilter): boolean =>
  (pid === undefined || holder.pid === pid) &&
  (process === undefined || (holder.name !== null && hasName(holder.name, process)));

const fits = (socket: InetSocket, { protocol, port, state }: SocketFilter): boolean =>
  (protocol === undefined || socket.protocol === protocol || socket.protocol === `${protocol}6`) &&
  (port === undefined || socket.port === port) &&
  (state === undefined || socket.state === state);

const row = (socket: InetSocket, holder: NamedHolder | null): SocketRow => ({
  protocol: socket.protocol,
  state: socket.state,
  address: socket.address,
  port: socket.port,
  peer_address: socket.peerAddress,
  peer_port: socket.peerPort,
  process: holder?.name ?? null,
  pid: holder?.pid ?? null,
  fd: holder?.fd ?? null,
  inode: socket.inode,
});

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const byPlace = (left: SocketRow, right: SocketRow): number =>
  compare(left.protocol, right.protocol) ||
  compare(left.address, right.address) ||
  left.port - right.port ||
  compare(left.peer_address, right.peer_address) ||
  left.peer_port - right.peer_port ||
  left.inode - right.inode;
