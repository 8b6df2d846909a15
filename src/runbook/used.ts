import type { Json } from "../model/json.js";
import type { Step, UsedRunbook } from "../model/runbook.js";
import type { Draft } from "./draft.js";
import { type Loading, type ObjectType, refuse, under } from "./loading.js";
import { dyn, record, type Type } from "./type.js";
import { givenInputs, inputsOf } from "./used-inputs.js";

/** A runbook that a step uses, with what later steps can read of it. */
export interface Used {
  readonly uses: UsedRunbook;
  /** What its result has besides what every result has. */
  readonly fields: Readonly<Record<string, Type>>;
  /** Something that it saves can hold a secret. */
  readonly tellsSecret: boolean;
}

/** Names that the result of every step has, or this kind's. */
const taken = ["verdict", "outcome", "started_at", "finished_at", "milliseconds", "expect", "save", "item"];

const verdictType: Type = {
  kind: "object",
  fields: { answer: { kind: "string" }, says: { kind: "string" }, advice: { kind: "string" } },
};

/**
 * Reads the runbook that a step uses: its own mistakes stand in its own file, those of using it in this one. null, with diagnostics,
 * when it cannot run.
 *
 * @param written the step's field; null when it has mistakes itself
 */
export function readUsed(loading: Loading, draft: Draft, written: Json): Used | null {
  const { kind, kindKey, part } = draft;
  if (kind?.nests === undefined || kindKey === null) return null;
  const field = under(part, kindKey);
  const { runbook: named } = kind.nests(written ?? kind.normalise?.(field.value) ?? field.value);
  if (named === "" || named.includes("{{")) return null;
  const path = typeof field.value === "string" ? field : under(field, "runbook");
  const mistake = (code: string, message: string, hint?: string): null => {
    refuse(loading, code, message, path.node, hint);
    return null;
  };
  const opened = loading.files.open(named, loading.tree.source.file);
  // Whoever loads reads it, and loads again.
  if (opened === null) return mistake("unread-runbook", `${named} was not read`);
  if (!opened.ok) return mistake("unreadable-runbook", opened.message);
  const at = loading.chain.findIndex(({ identity }) => identity === opened.identity);
  if (at !== -1) {
    const chain = [...loading.chain.slice(at).map(({ file }) => file), opened.file].join(" → ");
    return mistake("runbook-cycle", `expected a runbook that does not use itself, found ${chain}`);
  }
  const loaded = loading.loadUse(opened);
  if (loaded.runbook === null) return null;
  const { runbook } = loaded;
  const saves = namesSaved(runbook.steps);
  const clash = saves.find((name) => taken.includes(name));
  if (clash !== undefined) {
    const message = `${opened.file} saves "${clash}", which every result of "${kindKey}" holds already`;
    return mistake("name-taken", message, "give the saved value another name there");
  }
  givenInputs(loading, field, { file: opened.file, inputs: runbook.inputs });
  const fields = record(saves.map((name) => [name, loaded.names.types.get(name) ?? dyn] as const));
  return {
    uses: { runbook, saves, ...inputsOf(runbook.inputs, (outlined) => kind.nests?.(outlined).inputs ?? {}) },
    fields: { ...fields, verdict: verdictType },
    tellsSecret: saves.some((name) => loaded.secrets.has(name)),
  };
}

/** Values that exist when all is done: those of rounds end with their round. */
function namesSaved(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => [
    ...(step.forEach === null ? step.save.map(({ name }) => name) : []),
    ...namesSaved(step.during ?? []),
  ]);
}

/** The type of a result that holds these fields and those of every result. */
export const resultOf = ({ fields }: Used, common: Readonly<Record<string, Type>>): ObjectType => ({
  kind: "object",
  fields: { ...fields, ...common },
});
