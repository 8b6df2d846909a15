import type { HostState, ReportChange, Standstill } from "../../model/report.js";
import type { OfStep } from "../../model/step-event.js";
import { quoteWord } from "../../util/shell-quote.js";
import type { Collected } from "./collect.js";
import type { BuiltSteps } from "./steps.js";

/** What was changed, put back and stopped, as far as the journal tells. */
export function hostState(collected: Collected, epoch: number | null, steps: BuiltSteps): HostState {
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
    standstills,
    stopped: byProcess(standstills),
    restore: left ? `casebook restore ${quoteWord(collected.run?.case ?? "CASE")}` : null,
  };
}

function byProcess(standstills: readonly Standstill[]): HostState["stopped"] {
  const sums = new Map<number, { times: number; milliseconds: number }>();
  for (const { pid, times, milliseconds } of standstills) {
    const sum = sums.get(pid) ?? { times: 0, milliseconds: 0 };
    sums.set(pid, { times: sum.times + times, milliseconds: sum.milliseconds + (milliseconds ?? 0) });
  }
  return [...sums].map(([pid, sum]) => ({ pid, ...sum }));
}
