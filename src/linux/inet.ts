/** TCP's states as `ss` names them in filters, by the number that /proc/net/tcp shows (include/net/tcp_states.h). */
const states: Readonly<Record<string, string>> = {
  "01": "established",
  "02": "syn-sent",
  "03": "syn-recv",
  "04": "fin-wait-1",
  "05": "fin-wait-2",
  "06": "time-wait",
  "07": "closed",
  "08": "close-wait",
  "09": "last-ack",
  "0A": "listening",
  "0B": "closing",
  "0C": "syn-recv",
};

export const protocols = ["tcp", "tcp6", "udp", "udp6"] as const;

export type Protocol = (typeof protocols)[number];

/** One line of /proc/net/{tcp,tcp6,udp,udp6}: a socket, without who holds it. */
export interface InetSocket {
  readonly protocol: Protocol;
  /** As `ss` names it in filters: `listening`, `established`, …; UDP: `unconnected` or `established`. */
  readonly state: string;
  readonly address: string;
  readonly port: number;
  readonly peerAddress: string;
  readonly peerPort: number;
  /** 0 for a socket that no process holds any more. */
  readonly inode: number;
}

/**
 * The sockets of a table of /proc/net; its header and anything that is no socket are passed over.
 * Format: proc_net_tcp.rst of the kernel's documentation.
 */
export function parseInetTable(text: string, protocol: Protocol): InetSocket[] {
  return text.split("\n").flatMap((line) => {
    const [slot = "", local = "", peer = "", state = "", , , , , , inode = ""] = line.trim().split(/\s+/);
    const from = parseEndpoint(local);
    const to = parseEndpoint(peer);
    if (!/^\d+:$/.test(slot) || from === null || to === null) return [];
    return [
      {
        protocol,
        state: stateName(state, protocol),
        address: from.address,
        port: from.port,
        peerAddress: to.address,
        peerPort: to.port,
        inode: Number(inode),
      },
    ];
  });
}

function stateName(number: string, protocol: Protocol): string {
  // A UDP socket has no states of its own: the kernel shows TCP_CLOSE for one that is not connected.
  if (protocol.startsWith("udp") && number === "07") return "unconnected";
  return states[number] ?? `state-${number}`;
}

/** `0100007F:1F90`: each 32-bit word of the address in the host's byte order, which is little-endian here. */
function parseEndpoint(text: string): { readonly address: string; readonly port: number } | null {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/i.exec(text);
  if (match === null) return null;
  const bytes = Buffer.from(match[1] ?? "", "hex").swap32();
  return { address: bytes.length === 4 ? ipv4(bytes) : ipv6(bytes), port: Number.parseInt(match[2] ?? "", 16) };
}

const ipv4 = (bytes: Uint8Array): string => bytes.join(".");

/** The text form of RFC 5952; an IPv4-mapped address ends in its dotted form. */
function ipv6(bytes: Buffer): string {
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) return `::ffff:${ipv4(bytes.subarray(12))}`;
  const gap = longestZeros(words);
  const hex = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(":");
  if (gap === null) return hex(words);
  return `${hex(words.slice(0, gap.start))}::${hex(words.slice(gap.start + gap.length))}`;
}

/** The first longest run of at least two zero words. */
function longestZeros(words: readonly number[]): { readonly start: number; readonly length: number } | null {
  let best: { start: number; length: number } | null = null;
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length >= 2 && length > (best?.length ?? 1)) best = { start, length };
  }
  return best;
}
