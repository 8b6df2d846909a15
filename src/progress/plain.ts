import type { Event } from "../model/event.js";
import { plain } from "../model/rich-text.js";
import type { ExpectationSeen, StepFinished } from "../model/step-event.js";
import type { TakenFrom } from "../model/taken.js";
import { count, duration } from "../util/measure.js";
import { visibleLine } from "../util/visible.js";
import { answerText } from "./answer-text.js";
import { type Paint, paintOf } from "./paint.js";

export interface PlainOptions {
  /** Marks are coloured; absent: not. */
  readonly colour?: boolean;
  /** False: that a step begins is told elsewhere, and its title when it ends. */
  readonly starts?: boolean;
}

/**
 * Progress as one line for each change of state, for terminals without motion, logs and CI. What comes from the host or the
 * runbook cannot move a cursor: control characters are shown. Each line ends with a newline and goes out in one write.
 */
export function plainProgress(
  write: (text: string) => void,
  { colour = false, starts = true }: PlainOptions = {},
): (event: Event) => void {
  const paint = paintOf(colour);
  const depths = new Map<string, number>();
  const titles = new Map<string, string>();
  let replays = false;
  const line = (mark: string, depth: number, text: string): void =>
    write(`${mark} ${"  ".repeat(depth)}${visibleLine(text.trim().replace(/\s*\n\s*/g, " "))}\n`);
  /** How deep things inside of a span stand. */
  const inside = (span: string | null): number => (span === null ? 0 : (depths.get(span) ?? -1) + 1);

  return (event) => {
    switch (event.type) {
      case "run-started": {
        const { runbook } = event;
        replays = event.taken_from?.mode === "replay";
        for (const { step, title } of runbook.steps) titles.set(step, title);
        line(paint.strong("»"), 0, `${plain(runbook.title)} (${event.case})`);
        if (event.taken_from !== undefined) line(paint.quiet("·"), 0, takenText(event.taken_from));
        return;
      }
      case "target-connected":
        if (replays) return;
        line(paint.quiet("·"), 0, `connected to ${event.host}: ${event.facts.hostname}, ${event.facts.os}`);
        return;
      case "target-lost":
        line(paint.bad("✗"), 0, `connection to ${event.host} lost: ${event.why}`);
        return;
      case "step-started": {
        const depth = inside(event.parent);
        depths.set(event.span, depth);
        const title = event.title === null ? (titles.get(event.step) ?? "") : plain(event.title);
        titles.set(event.step, title);
        if (!starts) return;
        const round = event.iteration === null ? "" : ` (round ${event.iteration})`;
        line(paint.quiet("→"), depth, `${event.step}${round}${title === "" ? "" : `: ${title}`}`);
        return;
      }
      case "step-opened":
        line(paint.quiet("·"), inside(event.span), `${event.step} is open`);
        return;
      case "attempt-finished":
        if (event.outcome === "failed") {
          line(paint.warn("↻"), inside(event.span), `attempt ${event.attempt} failed: ${event.reason ?? ""}`);
        }
        return;
      case "change-announced":
        line(paint.warn("!"), inside(event.span), `changing: ${event.what}`);
        return;
      case "change-undone":
        if (event.state === "cannot") line(paint.bad("✗"), inside(event.span), `could NOT be put back: ${event.how}`);
        else line(paint.good("✓"), inside(event.span), `put back: ${event.how}`);
        return;
      case "process-stopped":
        line(paint.warn("!"), inside(event.span), `process ${event.pid} stands still: ${event.why}`);
        return;
      case "process-passed":
        line(
          paint.warn("!"),
          inside(event.span),
          `process ${event.pid} stood still ${count(event.times, "time")}, ${duration(event.milliseconds)} in all: ${event.why}`,
        );
        return;
      case "process-resumed":
        line(
          paint.good("✓"),
          inside(event.span),
          `process ${event.pid} runs again after ${duration(event.milliseconds)}`,
        );
        return;
      case "expectation":
        line(expectationMark(event, paint), inside(event.span), expectationText(event));
        return;
      case "step-finished":
        line(
          outcomeMark(event, paint),
          depths.get(event.span) ?? inside(event.parent),
          outcomeText(event, starts ? "" : (titles.get(event.step) ?? "")),
        );
        return;
      case "interrupted":
        line(paint.warn("!"), 0, `interrupted by ${event.by}: putting back what was changed`);
        return;
      case "verdict":
        line(paint.strong("="), 0, answerText(event.answer, event.says));
        return;
      case "run-finished":
        line(paint.quiet("·"), 0, `${event.status.replace("-", " ")} after ${duration(event.milliseconds)}`);
        return;
      case "command-started":
      case "command-finished":
      case "captured":
      case "mark-noted":
        return;
      default:
        event satisfies never;
    }
  };
}

function expectationMark({ holds, required }: ExpectationSeen, paint: Paint): string {
  if (holds === null) return paint.warn("?");
  if (holds) return paint.good("✓");
  return required ? paint.bad("✗") : paint.warn("✗");
}

function expectationText({ name, holds, because, that }: ExpectationSeen): string {
  if (holds === null) return `${name}: unknown${because === null ? "" : `, ${because}`}`;
  return `${name}: ${holds ? "met" : `not met, ${that}`}`;
}

function outcomeMark({ outcome, tolerated }: StepFinished, paint: Paint): string {
  if (outcome === "ok") return paint.good("✓");
  if (outcome === "skipped") return paint.quiet("–");
  return tolerated ? paint.warn("△") : paint.bad("✗");
}

function takenText({ mode, case: from, started_at }: TakenFrom): string {
  const asked = mode === "replay" ? "no host is asked" : "the rest runs";
  return `observations are those of ${from}, begun ${started_at}; ${asked}`;
}

function outcomeText(finished: StepFinished, title: string): string {
  const { step, iteration, outcome, tolerated, reason, remedy } = finished;
  const { milliseconds } = finished.taken ?? finished;
  const then = finished.taken === undefined ? "" : " then";
  const round = iteration === null ? "" : ` (round ${iteration})`;
  const name = `${step}${round}${title === "" ? "" : `: ${title} –`}`;
  if (outcome === "skipped") return `${name} skipped: ${reason ?? ""}`;
  if (outcome === "ok") return `${name} ok, ${duration(milliseconds)}${then}`;
  const what = remedy === null ? "" : ` – ${remedy}`;
  return `${name} failed${tolerated ? ", tolerated" : ""}, ${duration(milliseconds)}${then}: ${reason ?? ""}${what}`;
}
