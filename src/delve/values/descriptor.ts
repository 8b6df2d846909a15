import type { LoadConfig } from "../rpc/protocol.js";
import type { ValueTree } from "./value-tree.js";

/** How deep a value is read to find the descriptor in it: a listener in a wrapper in a wrapper; texts and lists are no way there. */
export const descriptorLoad: LoadConfig = {
  FollowPointers: true,
  MaxVariableRecurse: 8,
  MaxStringLen: 0,
  MaxArrayValues: 0,
  MaxStructFields: -1,
};

/** Where Go keeps the descriptor of whatever the netpoller watches. */
const holder = "internal/poll.FD";

/**
 * Whether a function that returns this type opens or accepts sockets: a type of package net or crypto/tls, or one that is called
 * so. Whether there is a descriptor in the value decides after that.
 */
export function mayHoldSocket(type: string): boolean {
  const name = type.replace(/^\*+/, "");
  if (/^(net|crypto\/tls)\.[A-Z]\w*$/.test(name)) return /(Listener|Conn|PacketConn)$/.test(name);
  return name === "net.netFD" || /[./]\w*(Listener|Conn)$/.test(name);
}

/** A descriptor with the local port that the program believes it to have; null: it says none. */
export interface Descriptor {
  readonly fd: number;
  readonly port: number | null;
}

/** The one descriptor in a value: of those that lie least deep. null when there is none; a text when there are several. */
export function descriptorIn(tree: ValueTree): Descriptor | string | null {
  let level: readonly Found[] = [{ tree, port: null }];
  while (level.length > 0) {
    const found = new Map<number, Descriptor>();
    for (const { tree: each, port } of level) {
      const fd = sysfd(each);
      if (fd !== null) found.set(fd, { fd, port });
    }
    if (found.size > 1) return `it holds ${found.size} descriptors: ${[...found.keys()].join(", ")}`;
    for (const descriptor of found.values()) return descriptor;
    level = level.flatMap(below);
  }
  return null;
}

/** A value on the way down, with the port of the nearest struct around it that has one. */
interface Found {
  readonly tree: ValueTree;
  readonly port: number | null;
}

function sysfd(tree: ValueTree): number | null {
  return tree.kind === "struct" && tree.type === holder ? field(tree, "Sysfd") : null;
}

function below({ tree, port }: Found): readonly Found[] {
  switch (tree.kind) {
    case "struct": {
      const own = portOf(tree) ?? port;
      return tree.fields.map(({ value }) => ({ tree: value, port: own }));
    }
    case "pointer":
      return [{ tree: tree.to, port }];
    case "interface":
      return [{ tree: tree.holds, port }];
    default:
      return [];
  }
}

/** Of net.netFD: the port of its `laddr`, a net.TCPAddr or net.UDPAddr. */
function portOf(tree: Extract<ValueTree, { kind: "struct" }>): number | null {
  let address = tree.fields.find(({ name }) => name === "laddr")?.value;
  while (address?.kind === "interface" || address?.kind === "pointer") {
    address = address.kind === "interface" ? address.holds : address.to;
  }
  return address?.kind === "struct" ? field(address, "Port") : null;
}

function field(tree: Extract<ValueTree, { kind: "struct" }>, wanted: string): number | null {
  const value = tree.fields.find(({ name }) => name === wanted)?.value;
  return value?.kind === "number" ? Number(value.text) : null;
}
