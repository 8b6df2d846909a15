import type { Named, Step } from "../model/runbook.js";
import type { Condition, Template } from "../model/scope.js";
import { isExportable, isLocale } from "../util/shell-variable.js";
import { readAmount } from "./amount.js";
import { checkUser, userOf } from "./become.js";
import type { Draft } from "./draft.js";
import { readForEach } from "./for-each.js";
import { readField } from "./kind-field.js";
import {
  fieldsOf,
  keyNode,
  type Loading,
  type ObjectType,
  type Read,
  readAs,
  readCondition,
  readRich,
  readText,
  refuse,
  resultFields,
  under,
} from "./loading.js";
import { readExpect, readRequire, readRetry } from "./observations.js";
import { conditionText, type defaultsKeys, durationForm, variableText } from "./shape.js";
import type { Part } from "./shape-check.js";
import { checkRisk, checkTogether, type Instruments } from "./step-rules.js";
import { rangeOf } from "./tree.js";
import { dyn, record, type Type } from "./type.js";
import { readUsed, resultOf } from "./used.js";

export interface Defaults extends Omit<Read<typeof defaultsKeys>, "timeout"> {
  readonly timeout: Template<number> | null;
}

/** What stands around a step. */
export interface Surroundings {
  readonly defaults: Defaults;
  /** Kinds of the enclosing instruments, outermost first; null for one that is not known. */
  readonly instruments: Instruments;
}

/** Compiles steps in the order in which they run, so that every name is used only where it can exist. */
export function loadSteps(loading: Loading, drafts: readonly Draft[], around: Surroundings): readonly Step[] {
  return drafts.map((draft) => loadStep(loading, draft, around)).filter((step) => step !== null);
}

const objectOf = (fields: Readonly<Record<string, Type>>, open?: boolean): ObjectType => ({
  kind: "object",
  fields,
  ...(open === true && { open }),
});

/** What every result has besides its kind's fields. */
const commonFields = {
  outcome: { kind: "string" },
  started_at: { kind: "time" },
  finished_at: { kind: "time" },
  milliseconds: { kind: "int" },
} as const satisfies Readonly<Record<string, Type>>;

/** What the id of an open instrument has besides its kind's fields. */
const openedFields = { outcome: commonFields.outcome, started_at: commonFields.started_at };

/** null, with diagnostics, when something that the step cannot be without is wrong. */
function loadStep(loading: Loading, draft: Draft, around: Surroundings): Step | null {
  const { names, tree } = loading;
  const { part, keys, id, kind } = draft;
  checkTogether(loading, draft, around.instruments);
  if (id !== null)
    names.withhold(id, 'it is the id of this very step; what came of it is called "result", after it ran');

  const forEach = readForEach(loading, draft);
  const secretElement = forEach !== null && tellsSecret(loading, forEach.list?.reads ?? [], forEach.element);
  if (secretElement) loading.secrets.add(forEach.name);
  const element: readonly (readonly [string, Type])[] = forEach === null ? [] : [[forEach.name, forEach.element]];
  if (forEach !== null && forEach.name !== "item")
    names.withhold("item", `the element is called "${forEach.name}" here`);
  const before = names.with(element, () => ({
    title: optional(part, "title", keys.title, (text) => readRich(loading, text)),
    note: optional(part, "note", keys.note, (text) => readRich(loading, text)),
    when: optional(part, "when", keys.when, (text) => readCondition(loading, text, "condition").condition),
    env: readEnv(loading, draft),
    timeout: optional(part, "timeout", keys.timeout, (text) => readAmount(loading, text, durationForm)),
    fields: readFields(loading, draft),
  }));
  const { field, used } = before.fields;
  checkRisk(loading, draft, field?.written, used?.uses);

  const during = loadDuring(loading, draft, around);

  const unread = kind?.nests !== undefined && used === null;
  const result =
    used === null
      ? resultFields(loading, unread ? null : kind, field?.written ?? null, commonFields)
      : resultOf(used, commonFields);
  const saved: (readonly [string, Type])[] = [];
  const after = names.with([...element, ["result", result]], () => {
    const retry = readRetry(loading, draft);
    const save = draft.saves.flatMap(([name, text]): Named<Condition>[] => {
      const value = readAs(loading, text, conditionText, name);
      const { condition, type } = value === undefined ? noCondition : readCondition(loading, text, "value");
      names.define(name, type);
      if (condition !== null && tellsSecret(loading, condition.reads, type)) loading.secrets.add(name);
      saved.push([name, type]);
      return condition === null ? [] : [{ name, value: condition }];
    });
    return { retry, save, require: readRequire(loading, draft), expect: readExpect(loading, draft) };
  });

  if (secretElement) loading.secrets.delete(forEach.name);
  names.later.delete("item");
  if (forEach !== null) {
    for (const [name] of saved) {
      const outside = id === null ? "" : `; outside, take it from the rows: ${id}.map(row, row.save.${name})`;
      names.withhold(name, `it is saved in each round of the step on line ${lineOf(loading, part)}${outside}`);
    }
  }
  if (id !== null) {
    const row = rowOf(loading, result, Object.keys(keys.expect ?? {}));
    const round = () => ({ ...row.fields, item: forEach?.element ?? dyn, save: objectOf(Object.fromEntries(saved)) });
    names.define(id, forEach === null ? row : { kind: "list", of: { ...row, fields: round() } });
    names.steps.add(id);
    if (used?.tellsSecret === true) loading.secrets.add(id);
  }

  if (kind === null || field === null || unread) return null;
  const { defaults } = around;
  const step: Step = {
    id,
    key: id ?? `${kind.name}-${draft.ordinal}`,
    ordinal: draft.ordinal,
    place: tree.source.place(...rangeOf(part.node)),
    kind,
    written: field.written,
    bind: field.bind,
    title: before.title,
    note: before.note,
    when: before.when,
    retry: after.retry,
    save: after.save,
    require: after.require,
    expect: after.expect,
    timeout: [before.timeout, defaults.timeout].filter((one) => one !== null),
    forEach: forEach === null || forEach.list === null ? null : { name: forEach.name, list: forEach.list },
    onFail: keys.on_fail ?? defaults.on_fail ?? "stop",
    become: userOf(keys.become ?? defaults.become ?? false),
    env: before.env,
    risk: keys.risk ?? null,
    during,
  };
  if (field.conditions === undefined && used === null) return step;
  return {
    ...step,
    ...(field.conditions !== undefined && { conditions: field.conditions }),
    ...(used !== null && { uses: used.uses }),
  };
}

/** The kind's field, and the runbook that it names, if it does. */
function readFields(loading: Loading, draft: Draft) {
  const field = readField(loading, draft);
  return { field, used: readUsed(loading, draft, field?.written ?? null) };
}

/** Whether what is read from a secret can hold it: a truth or a number cannot. */
function tellsSecret(loading: Loading, reads: readonly string[], type: Type): boolean {
  if (["bool", "int", "double", "time", "null"].includes(type.kind)) return false;
  return secretAmong(loading, reads) !== null;
}

const secretAmong = ({ secrets }: Loading, reads: readonly string[]): string | null =>
  reads.map((path) => path.split(/[.[]/)[0] ?? "").find((name) => secrets.has(name)) ?? null;

/** What the id of a step holds after it ran. Most steps of a kind share one type. */
function rowOf({ types }: Loading, result: ObjectType, expectations: readonly string[]): ObjectType {
  const key = expectations.join(" ");
  const rows = types.row.get(result) ?? new Map<string, ObjectType>();
  const known = rows.get(key);
  if (known !== undefined) return known;
  const expect = objectOf(record(expectations.map((name) => [name, { kind: "bool" }] as const)));
  const row = { ...result, fields: { ...result.fields, expect } };
  types.row.set(result, rows.set(key, row));
  return row;
}

const noCondition = { condition: null, type: { kind: "dyn" } } as const;

function optional<T>(part: Part, key: string, value: unknown, read: (part: Part) => T | null): T | null {
  return value === undefined ? null : read(under(part, key));
}

const lineOf = (loading: Loading, part: Part): number => loading.tree.source.line(rangeOf(part.node)[0]);

/** The steps inside an instrument: its id holds what opening gave. */
function loadDuring(loading: Loading, draft: Draft, around: Surroundings): readonly Step[] | null {
  const { names } = loading;
  const { id, kind } = draft;
  if (draft.during === null) return null;
  if (id !== null) {
    names.define(id, fieldsOf(loading.types.opened, kind === null ? null : kind.opened, openedFields));
    names.steps.add(id);
    names.open.set(id, kind?.name ?? null);
  }
  const steps = loadSteps(loading, draft.during, { ...around, instruments: [...around.instruments, kind] });
  if (id !== null) {
    names.withhold(id, 'it is the id of this very step; what came of it is called "result"');
    names.open.delete(id);
  }
  return steps;
}

function readEnv(loading: Loading, { part, keys }: Draft): readonly Named<Template<string>>[] {
  checkUser(loading, part, keys.become);
  if (keys.env === undefined) return [];
  const env = under(part, "env");
  return Object.keys(keys.env).flatMap((name) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      const message = `expected the name of an environment variable, found ${JSON.stringify(name)}`;
      refuse(loading, "bad-name", message, keyNode(env, name), "letters, digits and _, not a digit first");
      return [];
    }
    const text = under(env, name);
    const value = readAs(loading, text, variableText, name) === undefined ? null : readText(loading, text);
    if (value === null) return [];
    const secret = secretAmong(loading, value.reads);
    if (secret !== null && (!isExportable(name) || isLocale(name))) {
      // A shell cannot pass it on, so it is an argument of env.
      const message = `expected no secret in ${name}, which a shell keeps for itself, found ${secret}`;
      refuse(loading, "secret-in-argv", message, keyNode(env, name), "give the variable another name");
      return [];
    }
    return [{ name, value }];
  });
}
