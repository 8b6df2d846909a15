import type { VerdictReached } from "../model/event.js";
import { plain } from "../model/rich-text.js";
import type { VerdictRule } from "../model/runbook.js";
import { rich, written } from "./rich.js";
import type { Run } from "./run-state.js";
import { judge, truth, withValues } from "./settle.js";

/**
 * The first rule that holds; when none does, the answer is `undecided`. A sentence when a rule cannot be evaluated: what comes
 * after it would be an answer that nobody asked for.
 */
export function reachVerdict(rules: readonly VerdictRule[], run: Run): VerdictReached | string {
  let rule: VerdictRule | undefined;
  for (const candidate of rules) {
    const found = candidate.when === null ? null : judge(candidate.when, run.scope);
    if (found?.kind === "error")
      return `the rule for the answer ${candidate.answer}: ${withValues(found.message, found)}`;
    if (found !== null && truth(found) !== true) continue;
    rule = candidate;
    break;
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
    rests_on: rule === undefined ? [] : restsOn(rule, run),
  };
}

function restsOn(rule: VerdictRule, run: Run): VerdictReached["rests_on"] {
  const reads = [...(rule.when?.reads ?? []), ...(rule.says?.reads ?? [])];
  const found = new Map<string, VerdictReached["rests_on"][number]>();
  for (const path of reads) {
    const [name = "", field, expectation] = path.split(".");
    const source = run.sources.get(name);
    if (source === undefined) continue;
    const of = field === "expect" && expectation !== undefined ? expectation : null;
    found.set(`${source.span} ${of}`, { ...source, expectation: of });
  }
  return [...found.values()];
}
