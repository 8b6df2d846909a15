import type { Event } from "../model/event.js";
import type { EvidenceReader, EvidenceRef } from "../model/evidence.js";
import { isJsonObject, type Json } from "../model/json.js";
import type { Environment, Report, ReportVerdict, StepLink } from "../model/report.js";
import type { ReportStep } from "../model/report-step.js";
import type { LoadKinds } from "../model/step-kind.js";
import { createAnchors } from "./fold/anchors.js";
import { type Collected, collect, kindOf } from "./fold/collect.js";
import { groundsOf, seenValues } from "./fold/grounds.js";
import { hostState } from "./fold/host-state.js";
import { standings } from "./fold/hypotheses.js";
import { addLeftBehind } from "./fold/left-behind.js";
import { notExamined } from "./fold/not-examined.js";
import { reproduceOf } from "./fold/reproduce.js";
import { type BuiltSteps, buildSteps } from "./fold/steps.js";
import { verbatim } from "./fold/texts.js";
import { timelineOf } from "./fold/timeline.js";

/** Anchors of the sections, in the order of the page; step anchors keep clear of them. */
export const sections = [
  "top",
  "verdict",
  "host",
  "question",
  "timeline",
  "steps",
  "not-examined",
  "environment",
  "redactions",
  "integrity",
  "reproduce",
] as const;

/**
 * The report of a journal, finished or cut anywhere, live or read again: unknown events are left alone, a run without an
 * end is `incomplete`, a step without one is `cut-off`. Never rejects for what a journal or a view contains.
 *
 * @param loadKinds loads what shows results; a step of a kind that there is none of shows its result's fields
 * @param evidence reads results that were too large for the journal, and the streams of steps that have no result
 * @param files what evidence there is, asked for where a run died while it wrote some
 */
export async function foldReport(
  events: Iterable<Event> | AsyncIterable<Event>,
  loadKinds: LoadKinds,
  evidence: EvidenceReader,
  files: () => Promise<readonly EvidenceRef[]> = async () => [],
): Promise<Report> {
  const collected = await collect(events);
  const { run, end, lastAt } = collected;
  const epoch = run === null ? null : Date.parse(run.at);
  const anchors = createAnchors();
  for (const section of sections) anchors.take(section);
  const outline = run?.runbook.steps ?? [];
  if (end === null) addLeftBehind(await files(), collected, outline);
  const kinds = await loadKinds([...collected.executions.values()].map(kindOf));
  const titles = new Map(outline.map(({ step, title }) => [step, title]));
  const bearing = bearingSpans(collected);
  const steps = await buildSteps({ collected, outline, titles, kinds, evidence, anchors, epoch, bearing });
  const host = hostState(collected, epoch, steps, kinds);
  return {
    format: 1,
    case: run?.case ?? "",
    casebook: run?.casebook ?? "",
    title: run?.runbook.title ?? verbatim("A case without a beginning"),
    status: end?.status ?? "incomplete",
    runbook: {
      file: run?.runbook.file ?? "",
      sha256: run?.runbook.sha256 ?? "",
      uses: run?.runbook.uses ?? [],
    },
    user: run?.user ?? "",
    ...(run?.taken_from !== undefined && { taken_from: run.taken_from }),
    started_at: run?.at ?? null,
    finished_at: end?.at ?? lastAt,
    milliseconds: end?.milliseconds ?? (epoch === null || lastAt === null ? null : Date.parse(lastAt) - epoch),
    exit_code: end?.exit_code ?? null,
    question: run?.runbook.question ?? null,
    verdict: verdictOf(collected, steps),
    ended_by: endedBy(collected, steps.top),
    reason: end?.reason ?? null,
    interrupted_by: collected.interrupted.find(({ by }) => by !== "restore")?.by ?? null,
    host_state: host,
    hypotheses: standings(run?.runbook.hypotheses ?? [], steps),
    timeline: timelineOf(collected, epoch ?? Date.parse(lastAt ?? "1970-01-01"), steps.top, host),
    steps: steps.top,
    not_examined: { author: run?.runbook.not_examined ?? [], automatic: notExamined(collected, steps.top) },
    environment: environmentOf(collected, steps),
    inputs: run?.inputs ?? {},
    secrets: run?.secrets ?? [],
    redactions: Object.entries(end?.redactions ?? {})
      .map(([secret, count]) => ({ secret, count }))
      .sort((a, b) => b.count - a.count),
    redacted: [],
    integrity: { events: collected.events, journal_head: collected.head, manifest: "manifest.sha256" },
    reproduce: run === null ? null : reproduceOf(run),
  };
}

/** Executions on which the verdict or the standing of a hypothesis rests. */
function bearingSpans({ verdict, executions }: Collected): ReadonlySet<string> {
  const spans = new Set(verdict?.rests_on.map(({ span }) => span));
  for (const [span, { expectations, finished }] of executions) {
    for (const { span: of } of finished?.rests_on ?? []) spans.add(of);
    for (const { supports, refutes } of expectations.values()) {
      if (supports.length + refutes.length > 0) spans.add(span);
    }
  }
  return spans;
}

function verdictOf({ verdict }: Collected, steps: BuiltSteps): ReportVerdict | null {
  if (verdict === null) return null;
  const { answer, says, advice, says_rich, advice_rich, when, rests_on, passed_over = [] } = verdict;
  return {
    answer,
    says: says_rich ?? (says === "" ? { markdown: "", values: [] } : verbatim(says)),
    advice: advice_rich ?? (advice === null ? null : verbatim(advice)),
    when,
    rests_on: groundsOf(rests_on, steps.bySpan),
    passed_over: passed_over.map(({ seen, ...rule }) => ({ ...rule, seen: seenValues(seen) })),
  };
}

/** The innermost step of what failed at the top, or of what was running when the journal ended. */
function endedBy({ end }: Collected, steps: readonly ReportStep[]): StepLink | null {
  if (end !== null && (end.status === "answered" || end.status === "finished" || end.status === "undecided"))
    return null;
  if (end?.reason !== undefined) return null;
  const culprit = end === null ? "cut-off" : "failed";
  let found: ReportStep | null = null;
  let among = steps;
  for (;;) {
    const next: ReportStep | undefined = among.findLast(({ status }) => status === culprit);
    if (next === undefined) break;
    found = next;
    among = [...next.rounds, ...next.during];
  }
  if (found === null) return null;
  const { key, title, anchor, reason, remedy } = found;
  return { step: key, title, anchor, reason, remedy };
}

function environmentOf({ connected }: Collected, steps: BuiltSteps): Environment {
  const binaries: Environment["binaries"][number][] = [];
  for (const { step, result, execution } of steps.bySpan.values()) {
    for (const found of [result, execution.opened?.value ?? null]) binaries.push(...binariesIn(found, step));
  }
  const distinct = new Map(binaries.map((binary) => [`${binary.path} ${binary.sha256}`, binary]));
  return {
    // One that was lost and reached again is one host.
    hosts: [...new Map(connected.map((event) => [event.host, event])).values()].map(({ host, facts, tools }) => ({
      name: host,
      facts,
      tools,
    })),
    binaries: [...distinct.values()],
  };
}

/** A result that examined a process names its executable and the hash of it. */
function binariesIn(value: Json, step: ReportStep): readonly Environment["binaries"][number][] {
  if (!isJsonObject(value)) return [];
  const { executable, executable_sha256 } = value;
  if (typeof executable !== "string" || typeof executable_sha256 !== "string") return [];
  return [{ path: executable, sha256: executable_sha256, step: step.key, anchor: step.anchor }];
}
