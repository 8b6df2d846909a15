import type { VerdictReached } from "../model/event.js";
import { plain } from "../model/rich-text.js";
import type { VerdictRule } from "../model/runbook.js";
import { rich } from "./rich.js";
import type { Run } from "./run-state.js";
import { truth } from "./settle.js";

/** The first rule that holds; when none does, the answer is `undecided`. */
export function reachVerdict(rules: readonly VerdictRule[], run: Run): VerdictReached {
  const rule = rules.find((candidate) => candidate.when === null || truth(candidate.when.evaluate(run.scope)) === true);
  const says = rule?.says == null ? null : rich(rule.says, run.scope);
  const advice = rule?.advice == null ? null : rich(rule.advice, run.scope);
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
