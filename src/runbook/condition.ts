import type { Diagnostic } from "../model/diagnostic.js";
import type { Condition, Evaluation, Scope } from "../model/scope.js";
import { Absent, CutText, type Value, type ValueObject } from "../model/value.js";
import { Budget, BudgetSpent } from "./cel/budget.js";
import { checkCel } from "./cel/check.js";
import { evaluateCel } from "./cel/evaluate.js";
import type { Outcome } from "./cel/operators.js";
import { type ASTNode, parseCel } from "./cel/parse.js";
import { type Paths, pathsOf } from "./cel/paths.js";
import { Failure, isStop } from "./cel/stop.js";
import { type CelValue, NotExact, toValue } from "./cel/value.js";
import type { Located } from "./located.js";
import type { NameTable } from "./names.js";
import { shorten } from "./shorten.js";
import { dyn, record, type Type } from "./type.js";

/** What came of a CEL text. A condition that has diagnostics is null. */
interface CompiledCondition {
  readonly condition: Condition | null;
  readonly type: Type;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a CEL text against the names of its place. What language.md adds to CEL: unknowns, `only` and `first`,
 * numbers that mix, RE2, durations as integer milliseconds. Whether the type is one that the place takes is the caller's.
 */
export function compileCondition(source: Located, names: NameTable): CompiledCondition {
  const root = parseCel(source);
  if ("severity" in root) return { condition: null, type: dyn, diagnostics: [root] };
  const { type, types, diagnostics } = checkCel(root, source, names);
  if (diagnostics.length > 0) return { condition: null, type, diagnostics };
  // Of a large runbook's conditions, most are only checked.
  let paths: Paths | null = null;
  const condition: Condition = {
    text: source.text.trim(),
    place: source.place(),
    reads: readsOf(pathsOf(root)),
    evaluate(scope) {
      paths ??= pathsOf(root);
      return evaluate(root, types, paths, scope);
    },
  };
  return { condition, type, diagnostics };
}

const readsOf = ({ all, whole }: Paths): readonly string[] => [
  ...new Set([...whole].map((node) => all.get(node) ?? "")),
];

function evaluate(root: ASTNode, types: ReadonlyMap<ASTNode, Type>, paths: Paths, scope: Scope): Evaluation {
  const budget = new Budget();
  const seen = new Map<string, Value>();
  const met = (node: ASTNode, value: CelValue): void => {
    const path = paths.all.get(node);
    // What leads to a longer path is of interest only where the longer one cannot be read.
    const stops = value === null || value instanceof Absent || value instanceof CutText;
    if (path === undefined || seen.has(path) || !(paths.whole.has(node) || stops)) return;
    seen.set(path, shorten(toValue(value, budget)));
  };
  try {
    const outcome = evaluateCel(root, { scope, types, met, budget, patterns: new Map() });
    return settle(outcome, budget, record(seen));
  } catch (error) {
    if (!(error instanceof BudgetSpent || error instanceof NotExact)) throw error;
    return { kind: "error", message: error.message, seen: record(seen) };
  }
}

function settle(outcome: Outcome, budget: Budget, seen: ValueObject): Evaluation {
  if (outcome instanceof Failure) return { kind: "error", message: outcome.message, seen };
  if (isStop(outcome)) return { kind: "unknown", because: outcome.because, value: new Absent(outcome.because), seen };
  if (outcome === null) return { kind: "unknown", because: "it is null", value: null, seen };
  if (outcome instanceof Absent) return { kind: "unknown", because: outcome.because, value: outcome, seen };
  if (outcome instanceof CutText) {
    const because = `the text was cut: ${outcome.omittedBytes} bytes were left out`;
    return { kind: "unknown", because, value: outcome, seen };
  }
  return { kind: "value", value: toValue(outcome, budget), seen };
}
