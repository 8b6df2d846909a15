import type { Report } from "../../src/model/report.js";
import type { ReportStep } from "../../src/model/report-step.js";

/** A report with every text of the machine's replaced. */
export function poisoned(report: Report, value: string): Report {
  const step = (one: ReportStep): ReportStep => ({
    ...one,
    title: { ...one.title, values: one.title.values.map(() => value) },
    reason: one.reason === null ? null : value,
    remedy: one.remedy === null ? null : value,
    commands: one.commands.map((command) => ({ ...command, text: value, host: value })),
    opened: one.opened.map(({ label }) => ({ label, value })),
    blocks: one.blocks.map((block) => {
      switch (block.type) {
        case "text":
        case "code":
        case "diff":
          return { ...block, text: value };
        case "output":
          return { ...block, title: value, head: value, tail: value };
        case "table":
          return {
            ...block,
            title: value,
            columns: block.columns.map(() => value),
            rows: block.rows.map((row) => row.map(() => value)),
          };
        case "facts":
          return { ...block, facts: block.facts.map(() => ({ label: value, value })) };
        case "session":
          return { ...block, prompt: value, turns: block.turns.map(() => ({ input: value, output: value })) };
        default:
          return {
            ...block,
            title: value,
            frames: block.frames.map((frame) => ({ ...frame, function: value, file: value })),
          };
      }
    }),
    expectations: one.expectations.map((each) => ({
      ...each,
      that: value,
      because: value,
      seen: [{ path: value, value }],
    })),
    saved: one.saved.map((each) => ({ ...each, value, expression: value })),
    rounds: one.rounds.map(step),
    during: one.during.map(step),
  });
  const changes = report.host_state.changes.map((change) => ({ ...change, what: value, undo: value, how: value }));
  return {
    ...report,
    user: value,
    case: value,
    steps: report.steps.map(step),
    host_state: { ...report.host_state, changes },
    inputs: { [value]: value },
  };
}
