import { isJsonObject } from "../model/json.js";
import type { AnyStepKind } from "../model/step-kind.js";
import { didYouMean } from "../util/near-miss.js";
import { entries, items, keyNode, type Loading, type Read, readKeys, refuse, under } from "./loading.js";
import { keysAt } from "./schema-walk.js";
import { stepKeys } from "./shape.js";
import { describe, type Part, unknownKey } from "./shape-check.js";
import { rangeOf } from "./tree.js";

/** A step whose keys were read and whose names were taken; texts and conditions wait until all names are known. */
export interface Draft {
  readonly part: Part;
  readonly ordinal: number;
  readonly keys: Read<typeof stepKeys>;
  /** null when it was refused. */
  readonly id: string | null;
  /** null when none can be told. */
  readonly kind: AnyStepKind | null;
  /** The key that names the kind; null with the kind. */
  readonly kindKey: string | null;
  /** Names that could be taken. */
  readonly saves: readonly (readonly [name: string, part: Part])[];
  readonly during: readonly Draft[] | null;
}

/** Reads the steps of a list, those of their `during` lists after each; counts through all of them. */
export function draftSteps(loading: Loading, list: Part, counter: { count: number }): readonly Draft[] {
  return items(list).flatMap((part) => {
    const ordinal = ++counter.count;
    if (loading.tree.spoilt.has(part.node)) return [];
    if (!isJsonObject(part.value)) {
      const hint = 'a step is a map with one kind as its key: - run: "true"';
      refuse(loading, "wrong-type", `expected a step, found ${describe(part.value)}`, part.node, hint);
      return [];
    }
    return [draftStep(loading, part, ordinal, counter)];
  });
}

function draftStep(loading: Loading, part: Part, ordinal: number, counter: { count: number }): Draft {
  const { kindKey, unknown } = findKind(loading, part);
  const others = unknown.length === 0 ? loading.kindNames : [...loading.kindNames, ...unknown];
  const keys = readKeys(loading, part, stepKeys, { others, elsewhere: (key) => fieldOfKind(loading, kindKey, key) });
  const id = keys.id === undefined ? null : takeId(loading, part, keys.id);
  const saves = keys.save === undefined ? [] : takeSaves(loading, part, keys);
  const during = keys.during === undefined ? null : draftSteps(loading, under(part, "during"), counter);
  return { part, ordinal, keys, id, kind: loading.kinds.get(kindKey ?? "") ?? null, kindKey, saves, during };
}

/** Where a key stands that is a field of the step's kind, and was written beside it. */
function fieldOfKind({ kinds }: Loading, kindKey: string | null, key: string): string | null {
  const kind = kinds.get(kindKey ?? "");
  if (kind === undefined || !keysAt(kind.spec, []).includes(key)) return null;
  return `it is a field of "${kind.name}": write ${kind.name}: { ${key}: … }`;
}

/** Which key names the kind. `unknown` holds keys of which something was said already. */
function findKind(
  loading: Loading,
  part: Part,
): { readonly kindKey: string | null; readonly unknown: readonly string[] } {
  const { kinds, tree } = loading;
  const written = isJsonObject(part.value) ? Object.keys(part.value) : [];
  const named = written.filter((key) => kinds.has(key) && key !== "note");
  const [kindKey, second] = named;
  if (second !== undefined) {
    const list = named.map((key) => `"${key}"`).join(" and ");
    refuse(
      loading,
      "two-kinds",
      `expected one kind in a step, found ${list}`,
      keyNode(part, second),
      "make a step of each",
    );
  }
  if (kindKey !== undefined) return { kindKey, unknown: [] };
  const foreign = written.filter((key) => !Object.hasOwn(stepKeys, key));
  const meant =
    foreign.find((key) => didYouMean(key, kinds.keys()) !== null) ??
    (written.includes("note") ? undefined : foreign[0]);
  if (meant !== undefined) {
    const found = unknownKey(tree, part.node, meant, [...kinds.keys()], { what: "kind" });
    const near = didYouMean(meant, [...kinds.keys(), ...Object.keys(stepKeys)]);
    loading.diagnostics.push({
      ...found,
      code: "unknown-kind",
      hint: near ?? `kinds: ${[...kinds.keys()].join(", ")}`,
    });
    return { kindKey: null, unknown: [meant] };
  }
  if (written.includes("note") && kinds.has("note")) return { kindKey: "note", unknown: [] };
  const first = written[0];
  const node = first === undefined ? part.node : keyNode(part, first);
  refuse(loading, "no-kind", "expected a kind in the step, found none", node, `one of ${[...kinds.keys()].join(", ")}`);
  return { kindKey: null, unknown: [] };
}

function takeId(loading: Loading, part: Part, id: string): string | null {
  const { node } = under(part, "id");
  const place = loading.tree.source.place(...rangeOf(node));
  const why = `it is the id of the step on line ${place.start.line}, which comes later`;
  return loading.names.declare(id, "the id of a step", place, why, loading.diagnostics) ? id : null;
}

function takeSaves(loading: Loading, part: Part, keys: Read<typeof stepKeys>): Draft["saves"] {
  const written = under(part, "save");
  return entries(written).filter(([name]) => {
    const place = loading.tree.source.place(...rangeOf(keyNode(written, name)));
    const step = `the step on line ${loading.tree.source.line(rangeOf(part.node)[0])}`;
    const why =
      keys.during === undefined
        ? `it is saved only later, on line ${place.start.line}`
        : `it is saved by ${step}, once what runs inside is done`;
    return loading.names.declare(name, "a saved value", place, why, loading.diagnostics);
  });
}
