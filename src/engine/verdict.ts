import type { PassedOver, VerdictReached } from "../model/event.js";
import type { Json, JsonObject } from "../model/json.js";
import type { RestsOn } from "../model/rests-on.js";
import { plain } from "../model/rich-text.js";
import type { VerdictRule } from "../model/runbook.js";
import type { Scope } from "../model/scope.js";
import { CutText, toJson, type Value, type ValueObject } from "../model/value.js";
import { rich, written } from "./rich.js";
import type { Run } from "./run-state.js";
import { judge, truth, withValues } from "./settle.js";

/**
 * The first rule that holds; when none does, the answer is `undecided`. A sentence when a rule cannot be evaluated: what comes
 * after it would be an answer that nobody asked for.
 */
export function reachVerdict(rules: readonly VerdictRule[], run: Run): VerdictReached | string {
  let rule: VerdictRule | undefined;
  let met: ValueObject = {};
  const passedOver: PassedOver[] = [];
  for (const candidate of rules) {
    const { answer, when } = candidate;
    const found = when === null ? null : judge(when, run.scope);
    if (found?.kind === "error") return `the rule for the answer ${answer}: ${withValues(found.message, found)}`;
    const holds = found === null ? true : truth(found);
    if (holds === true) {
      rule = candidate;
      met = found?.seen ?? {};
      break;
    }
    const because = found?.kind === "unknown" ? found.because : null;
    passedOver.push({ answer, when: when?.text ?? "", holds, because, seen: small(found?.seen ?? {}) });
  }
  const saysText = written(rule?.says ?? null, run.scope);
  const adviceText = written(rule?.advice ?? null, run.scope);
  const says = saysText === null ? null : rich(saysText, run.scope);
  const advice = adviceText === null ? null : rich(adviceText, run.scope);
  return {
    type: "verdict",
    answer: rule?.answer ?? "undecided",
    says: says === null ? "" : plain(says),
    advice: advice === null ? null : plain(advice),
    says_rich: says,
    advice_rich: advice,
    when: rule?.when?.text ?? null,
    rests_on: rule === undefined ? [] : restsOn(rule, met, run),
    passed_over: passedOver,
  };
}

function restsOn(rule: VerdictRule, met: ValueObject, run: Run): readonly RestsOn[] {
  const found = new Map<string, RestsOn & { readonly values: Record<string, Value> }>();
  // It grows: what a saved value was made from is read with it.
  const paths = new Set([...(rule.when?.reads ?? []), ...(rule.says?.reads ?? [])]);
  for (const path of paths) {
    const [name = "", field, expectation] = path.split(".");
    const source = run.sources.get(name);
    if (source === undefined) continue;
    const { step, span, madeFrom } = source;
    for (const earlier of madeFrom) paths.add(earlier);
    const of = field === "expect" && expectation !== undefined ? expectation : null;
    const key = `${span} ${of}`;
    const entry = found.get(key) ?? { step, span, expectation: of, values: {} };
    const value = met[path] ?? valueAt(path, run.scope);
    if (value !== undefined) entry.values[path] = value;
    found.set(key, entry);
  }
  return [...found.values()].map(({ step, span, expectation, values }) => ({
    step,
    span,
    expectation,
    seen: small(values),
  }));
}

/** Where a text's path leads; undefined where that is not told by its keys alone. */
function valueAt(path: string, scope: Scope): Value | undefined {
  const [name = "", ...keys] = path.split(".");
  let value: Value | undefined = scope.get(name);
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as ValueObject)[key]; // lists have their elements under their indices too
  }
  return value;
}

/** Longer values, as JSON, are shown by the steps that saw them. */
const longest = 300;

/** What is short, without what its own parts tell. */
function small(values: ValueObject): JsonObject {
  const paths = Object.keys(values);
  const kept = Object.entries(values).flatMap(([path, value]): [string, Json][] => {
    if (value instanceof CutText || paths.some((other) => other.startsWith(`${path}.`))) return [];
    const json = toJson(value);
    return JSON.stringify(json).length > longest ? [] : [[path, json]];
  });
  return Object.fromEntries(kept);
}
