import type { ActingStep, HostState, ReportChange, Standstill, StoppedProcess } from "../../model/report.js";
import type { OfStep } from "../../model/step-event.js";
import type { StepKinds } from "../../model/step-kind.js";
import { quoteWord } from "../../util/shell-quote.js";
import type { Collected } from "./collect.js";
import type { BuiltSteps } from "./steps.js";

/** What was changed, put back and stopped, as far as the journal tells. */
export function hostState(collected: Collected, epoch: number | null, steps: BuiltSteps, kinds: StepKinds): HostState {
  const anchor = (of: OfStep): string => steps.bySpan.get(of.span)?.step.anchor ?? "steps";
  const changes = collected.changes.map(
    ({ announced, undone }): ReportChange => ({
      change: announced.change,
      kind: announced.kind,
      what: announced.what,
      undo: announced.undo,
      state: undone?.state ?? "pending",
      how: undone?.how ?? null,
      host: announced.host,
      user: announced.user,
      announced_at: announced.at,
      undone_at: undone?.at ?? null,
      milliseconds: undone === null ? null : Date.parse(undone.at) - Date.parse(announced.at),
      step: announced.step,
      anchor: anchor(announced),
    }),
  );
  const standstills = collected.stops.map(
    ({ stopped, resumed, times }): Standstill => ({
      pid: stopped.pid,
      why: times === 1 ? stopped.why : `${stopped.why}, ${times} times, this long in all`,
      times,
      at: stopped.at,
      milliseconds: resumed?.milliseconds ?? null,
      offset: epoch === null ? 0 : Date.parse(stopped.at) - epoch,
      step: stopped.step,
      anchor: anchor(stopped),
    }),
  );
  const left = changes.some(({ state }) => state === "pending" || state === "cannot");
  return {
    state: left ? "changed" : changes.length > 0 ? "restored" : "untouched",
    changes,
    acted: actingSteps(steps, kinds),
    standstills,
    stopped: byProcess(standstills),
    restore: left ? `casebook restore ${quoteWord(collected.run?.case ?? "CASE")}` : null,
  };
}

/** What a kind changes that can undo it is announced; all others act on their own account. */
function actingSteps({ bySpan }: BuiltSteps, kinds: StepKinds): readonly ActingStep[] {
  const inOrder = [...bySpan.values()].sort((a, b) => a.execution.at.localeCompare(b.execution.at));
  return inOrder.flatMap(({ step, execution }): readonly ActingStep[] => {
    const { key, title, iteration, anchor, kind, risk, risk_declared: declared, status, taken } = step;
    if (risk === null || risk === "observe" || status === "skipped" || taken !== undefined) return [];
    if (kinds.get(kind)?.undo !== undefined || step.rounds.length > 0) return [];
    // The risk of a step that holds others may be theirs.
    if (execution.children.length > 0 && !declared) return [];
    return [{ step: key, title, iteration, anchor, kind, risk, declared }];
  });
}

function byProcess(standstills: readonly Standstill[]): readonly StoppedProcess[] {
  return [...new Set(standstills.map(({ pid }) => pid))].map((pid) => {
    const stops = standstills.filter((stop) => stop.pid === pid);
    const anchors = new Map(stops.map(({ step, anchor }) => [anchor, step]));
    const lengths = stops.map(({ milliseconds }) => milliseconds ?? 0);
    return {
      pid,
      times: stops.reduce((sum, { times }) => sum + times, 0),
      milliseconds: lengths.reduce((sum, length) => sum + length, 0),
      longest: stops.every(({ times }) => times === 1) ? Math.max(...lengths) : null,
      unended: stops.some(({ milliseconds }) => milliseconds === null),
      steps: [...anchors].map(([anchor, step]) => ({ step, anchor })),
    };
  });
}
