import { highest, type Risk } from "../../model/risk.js";
import type { Value } from "../../model/value.js";
import { plan } from "../../runbook/plan.js";
import { quoteWord } from "../../util/shell-quote.js";
import { exitCode } from "../exit-code.js";
import { givenAnswers } from "../inputs/given-answers.js";
import type { RecordedCase } from "../recorded-case.js";
import type { WantedReports } from "../report-options.js";
import { UsageError } from "../usage-error.js";
import type { Watchers } from "../watching/watchers.js";
import { checkHost } from "./hosts.js";
import { needsOf } from "./needs.js";
import { permittedRisk } from "./permission.js";
import type { RerunSteps } from "./rerun-steps.js";
import { type Ended, runOnHost } from "./run-on-host.js";

/** Steps that are to run, and the case that gives the others. */
export interface StepsRequest {
  /** null: there is none, and all run. */
  readonly recorded: RecordedCase | null;
  readonly steps: RerunSteps;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly mayAsk: boolean;
  readonly reports: WantedReports;
  /** Absent: where the case ran; without a case: here. */
  readonly host?: string;
  /** Absent: what the case was allowed; without a case: to observe. */
  readonly allow?: Risk;
  readonly answer?: readonly string[];
  readonly timeout?: number;
  readonly out?: string;
  readonly offline?: true;
}

/** Runs them into a new case. Throws `UsageError`. */
export async function runSteps(request: StepsRequest, watchers: Watchers): Promise<Ended> {
  const { recorded, steps, inputs, mayAsk, reports } = request;
  if (recorded !== null && recorded.outstanding.length > 0) {
    throw new UsageError(
      `${recorded.typed} has left something changed; put it back first: casebook restore ${quoteWord(recorded.typed)}`,
    );
  }
  const { runbook, live } = steps;
  const planned = plan(runbook, inputs);
  // A runbook that a step uses runs, or is taken, with that step.
  const running = planned.steps.filter(({ key }) => live.has(key.split(".")[0] ?? key));
  const answers = givenAnswers(request.answer ?? [], running);
  const asked = { ...planned, steps: running, risk: highest(running.map(({ risk }) => risk)) };
  const allowed = request.allow ?? recorded?.started.allow ?? "observe";
  const allow = await watchers.suspended(() => permittedRisk(watchers.io, asked, allowed, mayAsk));
  if (allow === null) return { exitCode: exitCode.refused, interrupted: false, summary: "", folder: null };

  const taking = recorded === null ? null : { from: recorded, rerun: steps };
  if (request.host !== undefined) await checkHost(request.host);
  const { timeout = null, out = null, offline = false, host = recorded?.connected.host ?? "local" } = request;
  const job = {
    runbook,
    inputs,
    needs: needsOf(running),
    taking,
    allow,
    timeout,
    out,
    reports,
    answers,
    offline,
    mayAsk,
  };
  return runOnHost(job, host, watchers);
}
