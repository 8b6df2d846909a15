import type { OutlinedStep } from "../../model/event.js";
import type { EvidenceReader } from "../../model/evidence.js";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import type { ReportExpectation, ReportStep, StepStatus } from "../../model/report-step.js";
import type { ExpectationSeen } from "../../model/step-event.js";
import type { StepKinds } from "../../model/step-kind.js";
import { wholeJson } from "../../model/whole-json.js";
import type { Anchors } from "./anchors.js";
import { showResult } from "./blocks.js";
import { type Collected, type Execution, kindOf } from "./collect.js";
import { commandOf } from "./command.js";
import { groundsOf, seenValues } from "./grounds.js";
import { outlinedTitle, type Titles, titleOf, verbatim } from "./texts.js";

/** What building the steps of a report needs. */
export interface Building {
  readonly collected: Collected;
  readonly outline: readonly OutlinedStep[];
  readonly titles: Titles;
  readonly kinds: StepKinds;
  readonly evidence: EvidenceReader;
  readonly anchors: Anchors;
  /** Milliseconds since the epoch; null for an empty journal. */
  readonly epoch: number | null;
  /** Spans on which the verdict or the standing of a hypothesis rests. */
  readonly bearing: ReadonlySet<string>;
}

/** A step of the report beside the execution it shows and its journalled result. */
export interface BuiltStep {
  readonly step: ReportStep;
  readonly execution: Execution;
  readonly result: Json;
}

/** Steps at the top, and every executed step by span. */
export interface BuiltSteps {
  readonly top: readonly ReportStep[];
  readonly bySpan: ReadonlyMap<string, BuiltStep>;
}

/** The steps of the runbook as they were executed, in its order; what was never reached stands where it would have come. */
export async function buildSteps(building: Building): Promise<BuiltSteps> {
  const bySpan = new Map<string, BuiltStep>();
  const outline = nested(building.outline);
  const top = await buildList(building.collected.top, outline, "", 0, building, bySpan);
  return { top, bySpan };
}

interface Outlined {
  readonly own: OutlinedStep;
  readonly during: readonly Outlined[];
}

function nested(outline: readonly OutlinedStep[]): readonly Outlined[] {
  const top: Outlined[] = [];
  const around: { readonly own: OutlinedStep; readonly during: Outlined[] }[] = [];
  for (const own of outline) {
    const node = { own, during: [] as Outlined[] };
    around.length = Math.min(around.length, own.depth);
    (around.at(-1)?.during ?? top).push(node);
    around.push(node);
  }
  return top;
}

async function buildList(
  executions: readonly Execution[],
  outline: readonly Outlined[],
  prefix: string,
  depth: number,
  building: Building,
  bySpan: Map<string, BuiltStep>,
): Promise<readonly ReportStep[]> {
  const outlined = new Map(outline.map((node) => [node.own.step, node]));
  const reached = new Set(executions.map(({ of }) => of.step));
  const steps: ReportStep[] = [];
  const number = (): string => `${prefix}${steps.length + 1}`;
  for (const execution of executions) {
    const node = outlined.get(execution.of.step);
    steps.push(await buildStep(execution, node?.during ?? [], number(), depth, building, bySpan));
  }
  for (const node of outline) {
    if (!reached.has(node.own.step)) steps.push(notReached(node, number(), depth, building));
  }
  return steps;
}

async function buildStep(
  execution: Execution,
  outline: readonly Outlined[],
  number: string,
  depth: number,
  building: Building,
  bySpan: Map<string, BuiltStep>,
): Promise<ReportStep> {
  const { of, started, finished } = execution;
  const { anchors, titles, kinds, evidence, epoch } = building;
  const round = of.iteration === null ? "" : `-round-${of.iteration}`;
  const anchor = anchors.take(`step-${of.step}${round}`);
  const kind = kindOf(execution);
  const isNote = kind === "note";
  const rounds = execution.children.filter((child) => child.of.step === of.step && child.of.iteration !== null);
  const shownResult =
    rounds.length > 0 || isNote
      ? { blocks: [], result: null }
      : await showResult(execution, kinds.get(kind), anchor, anchors, evidence);
  const saved = await wholeJson(finished?.saved ?? {}, evidence);
  const expectations = [...execution.expectations.values()].map((seen) => expectationOf(seen, anchor, anchors));
  const startedAt = finished?.started_at ?? execution.at;
  // What stands inside a step with rounds stands inside each of them.
  const own = building.outline.find(({ step }) => step === of.step);
  const eachRound = rounds.length === 0 || own === undefined ? [] : [{ own, during: outline }];
  const during = execution.children.filter((child) => !rounds.includes(child));
  const innerRounds = await buildList(rounds, eachRound, `${number}.`, depth + 1, building, bySpan);
  const innerOutline = rounds.length > 0 ? [] : outline;
  const innerDuring = await buildList(during, innerOutline, `${number}.`, depth + 1, building, bySpan);
  const step: ReportStep = {
    key: of.step,
    anchor,
    number,
    kind,
    depth,
    title: titleOf(execution, titles),
    note: noteOf(execution, isNote),
    status: statusOf(execution),
    reason: finished?.reason ?? null,
    remedy: finished?.remedy ?? null,
    risk: started?.risk ?? null,
    risk_declared: started?.risk_declared ?? false,
    iteration: of.iteration,
    item: started?.item ?? null,
    started_at: startedAt,
    milliseconds: finished === null || finished.outcome === "skipped" ? null : finished.milliseconds,
    ...(finished?.taken !== undefined && { taken: finished.taken }),
    offset: epoch === null ? null : Date.parse(startedAt) - epoch,
    attempts: execution.attempts.map(({ attempt, outcome, reason, milliseconds }) => ({
      attempt,
      outcome,
      reason,
      milliseconds,
    })),
    commands: execution.commands.map((command) => commandOf(command, homeOf(command.started.host, building.collected))),
    opened: openedOf(execution),
    blocks: shownResult.blocks,
    expectations,
    saved: Object.entries(isJsonObject(saved.value) ? saved.value : {}).map(([name, value]) => ({
      name,
      value,
      expression: finished?.saved_by?.[name] ?? null,
    })),
    evidence: execution.captured.map(({ stream, evidence }) => ({ stream, ...evidence })),
    rests_on: groundsOf(finished?.rests_on ?? [], bySpan),
    bears: building.bearing.has(of.span),
    // What a `for_each` works from is told by its rounds.
    without_rounds:
      finished?.outcome === "ok" && started?.spec === null && of.iteration === null && rounds.length === 0,
    rounds: innerRounds,
    during: innerDuring,
  };
  bySpan.set(of.span, { step, execution, result: shownResult.result });
  return step;
}

const homeOf = (host: string, { connected }: Collected): string | null =>
  connected.find((event) => event.host === host)?.cwd ?? null;

function notReached(node: Outlined, number: string, depth: number, building: Building): ReportStep {
  const { own } = node;
  const anchor = building.anchors.take(`step-${own.step}`);
  return {
    key: own.step,
    anchor,
    number,
    kind: own.kind,
    depth,
    title: outlinedTitle(own.step, building.titles),
    note: null,
    status: "not-reached",
    reason: null,
    remedy: null,
    risk: null,
    risk_declared: false,
    iteration: null,
    item: null,
    started_at: null,
    milliseconds: null,
    offset: null,
    attempts: [],
    commands: [],
    opened: [],
    blocks: [],
    expectations: [],
    saved: [],
    evidence: [],
    rests_on: [],
    bears: false,
    without_rounds: false,
    rounds: [],
    during: node.during.map((inner, index) => notReached(inner, `${number}.${index + 1}`, depth + 1, building)),
  };
}

function statusOf({ finished }: Execution): StepStatus {
  if (finished === null) return "cut-off";
  return finished.outcome === "failed" && finished.tolerated ? "tolerated" : finished.outcome;
}

/** The text of a `note` step is its note; without one, its field goes in as text, since values already stand in it. */
function noteOf({ started }: Execution, isNote: boolean): ReportStep["note"] {
  if (started?.note != null) return started.note;
  return isNote && typeof started?.spec === "string" ? verbatim(started.spec) : null;
}

const openedOf = ({ opened }: Execution): ReportStep["opened"] =>
  Object.entries((opened?.value ?? {}) satisfies JsonObject)
    .filter(([, value]) => value !== null)
    .map(([label, value]) => ({ label, value: typeof value === "string" ? value : JSON.stringify(value) }));

function expectationOf(seen: ExpectationSeen, step: string, anchors: Anchors): ReportExpectation {
  return {
    name: seen.name,
    anchor: anchors.take(`${step}-expect-${seen.name}`),
    required: seen.required,
    that: seen.that,
    state: seen.holds === null ? "unknown" : seen.holds ? "met" : "unmet",
    because: seen.because,
    seen: seenValues(seen.seen),
    supports: seen.supports,
    refutes: seen.refutes,
    says: seen.says,
  };
}
