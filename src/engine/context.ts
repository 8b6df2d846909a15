import type { Evidence, EvidenceRef } from "../model/evidence.js";
import type { Step } from "../model/runbook.js";
import type { OfStep } from "../model/step-event.js";
import type { AnyStepKind, Key, Offer, StepContext } from "../model/step-kind.js";
import { answerTo } from "./answer.js";
import type { Deadline } from "./cancel.js";
import { evidenceName } from "./evidence-files.js";
import { runNested } from "./nested.js";
import { recordingTarget } from "./recording-target.js";
import type { Frame } from "./run-state.js";

/** A step's context, and what has to be tidied when the step is over. */
export interface LiveContext {
  readonly context: StepContext;
  /** Ends every stream that the kind left open. */
  closeCaptures(): Promise<void>;
}

/** What a step kind sees of the run while one attempt of one step works. */
export function createContext(
  step: Step,
  of: OfStep,
  frame: Frame,
  limit: Deadline,
  env: Readonly<Record<string, string>>,
): LiveContext {
  const { run } = frame;
  const captures: Evidence[] = [];
  const refs: EvidenceRef[] = [];
  const stopped = new Set<number>();
  const base = step.become === null ? run.target : run.target.as(step.become);
  const target = recordingTarget(base, of, step.become, run.recorder, run.counters);

  const capture = (stream: string): Evidence => {
    const evidence = run.files.open(evidenceName(run.within.files, step, of, stream), {
      close: (ref) => {
        refs.push(ref);
        run.recorder.emit({ type: "captured", ...of, stream, evidence: ref });
      },
      cut: (why) => limit.abort({ by: "broken", why }),
    });
    captures.push(evidence);
    return evidence;
  };

  const context: StepContext = {
    target,
    signal: limit.signal,
    now: run.now,
    env,
    capture,
    evidence: run.files,
    announce: async (change) => run.changes.announce(of, step.kind, target, step.become, change),
    processStopped(pid, why) {
      stopped.add(pid);
      run.recorder.emit({ type: "process-stopped", ...of, pid, why });
    },
    processResumed(pid, milliseconds) {
      if (stopped.delete(pid)) run.recorder.emit({ type: "process-resumed", ...of, pid, milliseconds });
    },
    processPassed(pid, why, times, milliseconds) {
      run.recorder.emit({ type: "process-passed", ...of, pid, why, times, milliseconds });
    },
    inside(key) {
      const offer = find(
        frame.instruments.flatMap((instrument) => instrument.offers),
        key,
      );
      if (offer === null) throw new Error(`no enclosing instrument of ${step.key} offers ${key.name}`);
      return offer;
    },
    all: (key) => frame.instruments.flatMap(({ offers }) => find(offers, key) ?? []),
    of: (name, key) => {
      const instrument = frame.instruments.find((open) => open.run === run && open.step.id === name);
      return instrument === undefined ? null : find(instrument.offers, key);
    },
    evaluate(path, own) {
      const scope = new Map([...run.scope, ...Object.entries(own)]);
      return step.conditions?.get(path)?.evaluate(scope) ?? null;
    },
    mark: run.marks.get(step.key) ?? null,
    began: (name) => run.began.get(name) ?? null,
    async probe(kind: AnyStepKind, spec, prefix) {
      if (kind.observe === undefined) throw new Error(`step kind ${kind.name} cannot be a probe`);
      const before = refs.length;
      const observation = await kind.observe(spec, { ...context, capture: (stream) => capture(`${prefix}.${stream}`) });
      const result = await kind.read(spec, observation, run.files);
      return { observation, result, evidence: refs.slice(before) };
    },
    ownEnv: run.ownEnv,
    ask: (question) => answerTo(question, of, run.answers, limit.signal),
    nested: (inputs) => runNested(step, of, frame, inputs, limit.signal),
    scratch: run.scratch,
  };
  return {
    context,
    async closeCaptures() {
      let failure: unknown = null;
      for (const evidence of captures) {
        await evidence.close().catch((error: unknown) => {
          failure ??= error;
        });
      }
      if (failure !== null) throw failure;
    },
  };
}

/** The innermost offer under a key. */
function find<K>(offers: readonly Offer[], key: Key<K>): K | null {
  const offer = offers.findLast((candidate) => candidate.key.name === key.name);
  return offer === undefined ? null : (offer.value as K); // a key's name stands for its type
}
