import type { DelveClient } from "../rpc/rpc-client.js";
import type { Descriptor } from "./descriptor.js";

/** Functions of package net that return an interface with a listener or a connection in it, one itself, or the `net.netFD` in it. */
const asInterface = [
  /^net\.(Listen|Dial|DialTimeout|ListenPacket|FileListener|FileConn|FilePacketConn)$/,
  /^net\.\(\*Dialer\)\.(Dial|DialContext)$/,
  /^net\.\(\*ListenConfig\)\.(Listen|ListenPacket)$/,
  /^net\.\(\*(TCP|Unix)Listener\)\.Accept$/,
];
const asPointer = [
  /^net\.(Listen|Dial)(TCP|UDP|IP|Unix)$/,
  /^net\.Listen(Unixgram|MulticastUDP)$/,
  /^net\.\(\*TCPListener\)\.AcceptTCP$/,
  /^net\.\(\*UnixListener\)\.AcceptUnix$/,
];
const asInnermost = [/^net\.\(\*netFD\)\.accept$/];

const matches = (name: string, known: readonly RegExp[]): boolean => known.some((each) => each.test(name));

/** Whether `knownDescriptor` can tell what a function gives. */
export const isKnownToGiveSocket = (name: string): boolean =>
  [asInterface, asPointer, asInnermost].some((known) => matches(name, known));

/** Each listener or connection leads to a `net.netFD` first, in which, behind a mutex of 16 bytes, stands the descriptor. */
const sysfd = 16;

/**
 * The descriptor in what a function of package net returned, by the registers and the layout that its types have had since Go 1.17:
 * for programs without debug information. A text: why there is none.
 */
export async function knownDescriptor(
  name: string,
  registers: ReadonlyMap<string, bigint>,
  client: DelveClient,
  signal: AbortSignal,
): Promise<Descriptor | string> {
  const word = registers.get(matches(name, asInterface) ? "RBX" : "RAX");
  if (word === undefined) return "results of optimized code are read on amd64 only";
  // An interface without a type, or no pointer.
  if (registers.get("RAX") === 0n || word === 0n) return "the call gave no socket: it returned nil";
  const holder = matches(name, asInnermost) ? word : (await client.memory(String(word), 8, signal)).readBigUInt64LE();
  const fd = Number((await client.memory(String(holder + BigInt(sysfd)), 8, signal)).readBigInt64LE());
  return { fd, port: null };
}
