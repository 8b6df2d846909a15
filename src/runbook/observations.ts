import { isJsonObject } from "../model/json.js";
import type { Expectation, Retry } from "../model/runbook.js";
import type { Condition } from "../model/scope.js";
import { readAmount } from "./amount.js";
import type { Draft } from "./draft.js";
import {
  entries,
  items,
  keyNode,
  type Loading,
  readAs,
  readCondition,
  readKeys,
  readRich,
  refuse,
  under,
} from "./loading.js";
import { namePattern, unknownName } from "./names.js";
import { conditionText, durationForm, expectKeys, retryKeys, timesForm } from "./shape.js";
import type { Part } from "./shape-check.js";
import { rangeOf } from "./tree.js";

/** `require`: one condition or several. */
export function readRequire(loading: Loading, { part, keys }: Draft): readonly Condition[] {
  if (keys.require === undefined) return [];
  const written = under(part, "require");
  const parts = Array.isArray(keys.require) ? items(written) : [written];
  return parts.map((one) => readCondition(loading, one, "condition").condition).filter((one) => one !== null);
}

/** `retry`; without `every` the next attempt follows at once. */
export function readRetry(loading: Loading, { part, keys }: Draft): Retry | null {
  if (keys.retry === undefined) return null;
  const written = under(part, "retry");
  const { times, every, until } = readKeys(loading, written, retryKeys, { required: ["times"] });
  const condition = until === undefined ? null : readCondition(loading, under(written, "until"), "condition").condition;
  const attempts = times === undefined ? null : readAmount(loading, under(written, "times"), timesForm);
  const pause = every === undefined ? null : readAmount(loading, under(written, "every"), durationForm);
  return attempts === null ? null : { times: attempts, every: pause, until: condition };
}

/** `expect`: named conditions, each alone or with what it speaks for and against. */
export function readExpect(loading: Loading, { part, keys }: Draft): readonly Expectation[] {
  if (keys.expect === undefined) return [];
  const written = under(part, "expect");
  return entries(written).flatMap(([name, entry]): Expectation[] => {
    checkExpectationName(loading, written, name);
    if (loading.tree.spoilt.has(entry.node)) return [];
    if (!isJsonObject(entry.value)) {
      if (readAs(loading, entry, conditionText, name) === undefined) return [];
      const that = readCondition(loading, entry, "condition").condition;
      return that === null ? [] : [{ name, that, supports: [], refutes: [], says: null }];
    }
    const read = readKeys(loading, entry, expectKeys, { required: ["that"] });
    const that = read.that === undefined ? null : readCondition(loading, under(entry, "that"), "condition").condition;
    const supports = readHypotheses(loading, entry, "supports", read.supports);
    const refutes = readHypotheses(loading, entry, "refutes", read.refutes);
    const says = read.says === undefined ? null : readRich(loading, under(entry, "says"));
    return that === null ? [] : [{ name, that, supports, refutes, says }];
  });
}

/** Expectations are fields of their step's id, so only their form is bound. */
function checkExpectationName(loading: Loading, part: Part, name: string): void {
  if (namePattern.test(name)) return;
  const message = `expected a name of lower-case letters, digits and _ that begins with a letter, found ${JSON.stringify(name)}`;
  refuse(loading, "bad-name", message, keyNode(part, name));
}

function readHypotheses(
  loading: Loading,
  entry: Part,
  key: string,
  value: string | string[] | undefined,
): readonly string[] {
  if (value === undefined) return [];
  const list = under(entry, key);
  const parts = typeof value === "string" ? [list] : items(list);
  const names = typeof value === "string" ? [value] : value;
  names.forEach((name, index) => {
    if (loading.hypotheses.includes(name)) return;
    const place = loading.tree.source.place(...rangeOf(parts[index]?.node ?? list.node));
    loading.diagnostics.push(unknownName("unknown-hypothesis", "hypotheses", name, loading.hypotheses, place));
  });
  return names;
}
