import type { NotExamined } from "../../model/report.js";
import type { ReportStep } from "../../model/report-step.js";
import type { Collected } from "./collect.js";
import { verbatim } from "./texts.js";
import { walk } from "./timeline.js";

/** What the run itself left out, so that nobody takes silence for absence. */
export function notExamined(collected: Collected, steps: readonly ReportStep[]): readonly NotExamined[] {
  const found: NotExamined[] = [];
  for (const step of walk(steps)) found.push(...ofStep(step));
  for (const { host, why } of collected.lost) {
    found.push({ why: "host-lost", what: verbatim(host), iteration: null, reason: why, anchor: null });
  }
  if (collected.connected.length === 0) {
    found.push({
      why: "no-host",
      what: verbatim("the host"),
      iteration: null,
      reason: "no connection is in the journal",
      anchor: null,
    });
  }
  return found;
}

function ofStep(step: ReportStep): readonly NotExamined[] {
  const { title, anchor, reason, iteration } = step;
  const found: NotExamined[] = [];
  const add = (why: NotExamined["why"], because: string | null): void => {
    found.push({ why, what: title, iteration, reason: because, anchor });
  };
  switch (step.status) {
    case "skipped":
    case "not-reached":
      add(step.status, reason);
      break;
    case "cut-off":
      add("cut-off", "it was running when the journal ended");
      break;
    case "failed":
    case "tolerated":
      // A round that failed is told itself.
      if (!step.rounds.some(({ status }) => status === step.status)) add("failed", reason);
      break;
    case "ok":
      if (step.without_rounds) add("no-rounds", "its list was empty");
      break;
    default:
      step.status satisfies never;
  }
  for (const { path, truncated, why } of step.evidence) {
    if (truncated) add("truncated", `${path}: ${why ?? "bytes were dropped"}`);
  }
  for (const { name, state, because } of step.expectations) {
    if (state === "unknown") add("unknown", `${name}: ${because ?? "its condition could not be decided"}`);
  }
  return found;
}
