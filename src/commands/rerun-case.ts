import { highest, type Risk } from "../model/risk.js";
import type { Value } from "../model/value.js";
import { plan } from "../runbook/plan.js";
import { quoteWord } from "../util/shell-quote.js";
import { exitCode } from "./exit-code.js";
import { givenAnswers } from "./given-answers.js";
import type { Io } from "./io.js";
import { needsOf } from "./needs.js";
import { permittedRisk } from "./permission.js";
import type { RecordedCase } from "./recorded-case.js";
import type { WantedReports } from "./report-options.js";
import type { RerunSteps } from "./rerun-steps.js";
import { runOnHost } from "./run-on-host.js";
import { UsageError } from "./usage-error.js";
import type { Watchers } from "./watchers.js";

/** Steps that are to run again, and the case that gives the others. */
export interface Rerun {
  readonly recorded: RecordedCase;
  readonly steps: RerunSteps;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly mayAsk: boolean;
  readonly reports: WantedReports;
  /** Absent: where the case ran. */
  readonly host?: string;
  /** Absent: what the case was allowed. */
  readonly allow?: Risk;
  readonly answer?: readonly string[];
  readonly timeout?: number;
  readonly out?: string;
}

/** Runs them into a new case; gives the exit code. Throws `UsageError`. */
export async function rerunCase(io: Io, rerun: Rerun, watchers: Watchers): Promise<number> {
  const { recorded, steps, inputs, mayAsk, reports } = rerun;
  if (recorded.outstanding.length > 0) {
    throw new UsageError(
      `${recorded.typed} has left something changed; put it back first: casebook restore ${quoteWord(recorded.typed)}`,
    );
  }
  const { runbook, live } = steps;
  const planned = plan(runbook, inputs);
  const running = planned.steps.filter(({ key }) => live.has(key));
  const answers = givenAnswers(rerun.answer ?? [], running);
  const asked = { ...planned, steps: running, risk: highest(running.map(({ risk }) => risk)) };
  const allow = await permittedRisk(io, asked, rerun.allow ?? recorded.started.allow, mayAsk);
  if (allow === null) return exitCode.refused;

  const taking = { from: recorded, rerun: steps };
  const { timeout = null, out = null, host = recorded.connected.host } = rerun;
  const job = { runbook, inputs, needs: needsOf(running), taking, allow, timeout, out, reports, answers, mayAsk };
  const ended = await runOnHost(job, host, watchers);
  watchers.results.write(ended.summary);
  return ended.exitCode;
}
