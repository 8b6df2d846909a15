import type { LoadConfig } from "./protocol.js";
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

/** The one descriptor in a value: of those that lie least deep. null when there is none; a text when there are several. */
export function descriptorIn(tree: ValueTree): number | string | null {
  let level: readonly ValueTree[] = [tree];
  while (level.length > 0) {
    const found = new Set(level.map(sysfd).filter((each) => each !== null));
    if (found.size > 1) return `it holds ${found.size} descriptors: ${[...found].join(", ")}`;
    for (const descriptor of found) return descriptor;
    level = level.flatMap(below);
  }
  return null;
}

function sysfd(tree: ValueTree): number | null {
  if (tree.kind !== "struct" || tree.type !== holder) return null;
  const value = tree.fields.find(({ name }) => name === "Sysfd")?.value;
  return value?.kind === "number" ? Number(value.text) : null;
}

function below(tree: ValueTree): readonly ValueTree[] {
  switch (tree.kind) {
    case "struct":
      return tree.fields.map(({ value }) => value);
    case "pointer":
      return [tree.to];
    case "interface":
      return [tree.holds];
    default:
      return [];
  }
}
