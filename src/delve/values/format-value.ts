import type { ValueTree } from "./value-tree.js";

/** A Go value in Delve's own notation: `main.T {A: 1, B: "x"}`. */
export function formatValue(tree: ValueTree): string {
  switch (tree.kind) {
    case "string":
      return `${JSON.stringify(tree.text)}${tree.omitted === 0 ? "" : `...+${tree.omitted} more`}`;
    case "number":
      return tree.name === null ? tree.text : `${tree.name} (${tree.text})`;
    case "bool":
      return String(tree.value);
    case "struct": {
      const fields = tree.fields.map(({ name, value }) => `${name}: ${formatValue(value)}`);
      return `${tree.type} {${fields.join(", ")}}`;
    }
    case "list":
      return `${tree.type} len: ${tree.length}, [${withRest(tree.items.map(formatValue), tree.length)}]`;
    case "map": {
      const entries = tree.entries.map(({ key, value }) => `${formatValue(key)}: ${formatValue(value)}`);
      return `${tree.type} [${withRest(entries, tree.length)}]`;
    }
    case "pointer":
      return `*${formatValue(tree.to)}`;
    case "interface":
      return `${tree.type}(${typeOf(tree.holds)}) ${formatValue(tree.holds)}`;
    case "opaque":
      return tree.text;
    case "nil":
      return `${tree.type} nil`.trimStart();
    case "unreadable":
      return `(unreadable ${tree.why})`;
    case "unloaded":
      return `${tree.type} {...} at ${tree.address}`;
    default:
      return tree satisfies never;
  }
}

const typeOf = (tree: ValueTree): string => tree.type;

function withRest(texts: readonly string[], length: number): string {
  const rest = length - texts.length;
  return [...texts, ...(rest > 0 ? [`...+${rest} more`] : [])].join(", ");
}
