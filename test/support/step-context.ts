import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEvidenceStore } from "../../src/engine/evidence-store.js";
import { createMasker } from "../../src/engine/mask.js";
import type { Block } from "../../src/model/block.js";
import type { Evidence, EvidenceRef } from "../../src/model/evidence.js";
import type { Json } from "../../src/model/json.js";
import type { AnnouncedChange, AnyStepKind, Key, Offer, StepContext, Undone } from "../../src/model/step-kind.js";
import type { Target } from "../../src/model/target.js";
import type { ValueObject } from "../../src/model/value.js";
import { connectTarget } from "../../src/targets/index.js";

/** What a kind made of a step. */
export interface Observed {
  readonly spec: unknown;
  readonly observation: unknown;
  readonly result: ValueObject;
  /** What `failure` says. */
  readonly failure: string | null;
  readonly blocks: readonly Block[];
  /** What was captured, by stream. */
  readonly captured: ReadonlyMap<string, EvidenceRef>;
  /** How what was announced was put back. */
  readonly undone: readonly Undone[];
}

export interface StepOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of casebook itself. */
  readonly ownEnv?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Stands for the conditions among the kind's own fields. */
  readonly evaluate?: StepContext["evaluate"];
  /** What enclosing instruments offer, by the id of their step. */
  readonly offers?: Readonly<Record<string, readonly Offer[]>>;
}

/** An instrument while it is open. */
export interface OpenStep {
  readonly value: ValueObject;
  readonly offers: readonly Offer[];
  readonly broken: Promise<string> | undefined;
  readonly announced: readonly AnnouncedChange[];
}

/** A case folder, a target and an evidence store for one test; what it made is gone when it is disposed. */
export interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly target: Target;
  /** Runs a plain step as the engine does: normalised, parsed, observed, read, shown. */
  observe(kind: AnyStepKind, written: Json, options?: StepOptions): Promise<Observed>;
  /** Opens an instrument, calls back, puts back what was announced, closes it and reads. */
  use(
    kind: AnyStepKind,
    written: Json,
    during: (open: OpenStep) => Promise<void>,
    options?: StepOptions,
  ): Promise<Observed>;
  /** Undoes a change as another process would. */
  undo(kind: AnyStepKind, token: Json): Promise<Undone>;
}

/** @param secrets what the evidence store masks */
export async function createBench(secrets: ReadonlyMap<string, string> = new Map()): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "casebook-bench-"));
  const scratch = join(folder, "scratch");
  await mkdir(scratch, { mode: 0o700 });
  await mkdir(join(folder, "evidence"), { mode: 0o700 });
  const files = createEvidenceStore(folder, createMasker(secrets));
  const target = await connectTarget("local", { signal: AbortSignal.timeout(30_000), scratch });
  let count = 0;

  function step(
    kind: AnyStepKind,
    { env = {}, signal = never(), offers = {}, evaluate = () => null, ownEnv = {} }: StepOptions,
  ) {
    const prefix = `${String(++count).padStart(2, "0")}-${kind.name}`;
    const streams: Evidence[] = [];
    const captured = new Map<string, EvidenceRef>();
    const outstanding: AnnouncedChange[] = [];
    const announced: AnnouncedChange[] = [];
    const ended = new AbortController();
    signal.addEventListener("abort", () => ended.abort(signal.reason), { once: true });
    if (signal.aborted) ended.abort(signal.reason);
    const capture = (stream: string): Evidence => {
      const evidence = files.open(`${prefix}.${stream}`, {
        close: (ref) => void captured.set(stream, ref),
        cut: (why) => ended.abort(new Error(why)),
      });
      streams.push(evidence);
      return evidence;
    };
    const context: StepContext = {
      target,
      signal: ended.signal,
      now: () => new Date(),
      env,
      capture,
      evidence: files,
      announce: async (change) => {
        announced.push(change);
        outstanding.push(change);
        return {
          undone: async () => void outstanding.splice(outstanding.indexOf(change), 1),
        };
      },
      processStopped: () => {},
      processResumed: () => {},
      processPassed: () => {},
      inside: (key) => {
        const found = Object.values(offers)
          .map((list) => find(list, key))
          .find((offer) => offer !== null);
        if (found === undefined || found === null) throw new Error(`nothing offers ${key.name}`);
        return found;
      },
      all: (key) => Object.values(offers).flatMap((list) => find(list, key) ?? []),
      of: (name, key) => find(offers[name] ?? [], key),
      evaluate,
      mark: null,
      began: () => null,
      async probe(probe, spec, name) {
        if (probe.observe === undefined) throw new Error(`${probe.name} cannot be a probe`);
        const before = captured.size;
        const inner = { ...context, capture: (stream: string) => capture(`${name}.${stream}`) };
        const observation = await probe.observe(spec, inner);
        const result = await probe.read(spec, observation, files);
        return { observation, result, evidence: [...captured.values()].slice(before) };
      },
      ownEnv,
      ask: () => {
        throw new Error("nobody is asked here");
      },
      nested: () => {
        throw new Error("no runbook is used here");
      },
      scratch,
    };
    return {
      context,
      announced,
      captured,
      async closeCaptures() {
        for (const evidence of streams) await evidence.close();
      },
      async undoAll(): Promise<Undone[]> {
        const undone: Undone[] = [];
        for (const change of outstanding.splice(0).reverse()) undone.push(await bench.undo(kind, change.token));
        return undone;
      },
    };
  }

  const bench: Bench = {
    folder,
    target,
    async observe(kind, written, options = {}) {
      if (kind.observe === undefined) throw new Error(`${kind.name} observes nothing by itself`);
      const spec = kind.spec.parse(kind.normalise?.(written) ?? written);
      const { context, captured, closeCaptures, undoAll } = step(kind, options);
      let observation: unknown;
      try {
        observation = await kind.observe(spec, context);
      } finally {
        await closeCaptures();
      }
      const undone = await undoAll();
      return { ...(await readStep(kind, spec, observation)), captured, undone };
    },
    async use(kind, written, during, options = {}) {
      if (kind.open === undefined) throw new Error(`${kind.name} is no instrument`);
      const spec = kind.spec.parse(kind.normalise?.(written) ?? written);
      const { context, announced, captured, closeCaptures, undoAll } = step(kind, options);
      try {
        const opened = await kind.open(spec, context);
        let undone: Undone[] = [];
        let observation: unknown;
        try {
          await during({ value: opened.value, offers: opened.offers ?? [], broken: opened.broken, announced });
        } finally {
          undone = await undoAll();
          const lost = undone.flatMap((each) => (each.state === "cannot" ? [each.why] : []));
          observation = await opened.close(AbortSignal.timeout(30_000), lost);
          await closeCaptures();
        }
        return { ...(await readStep(kind, spec, observation)), captured, undone };
      } finally {
        await undoAll();
        await closeCaptures();
      }
    },
    async undo(kind, token) {
      if (kind.undo === undefined) throw new Error(`${kind.name} announces but cannot undo`);
      // Through JSON, as it comes out of a journal.
      const read: Json = JSON.parse(JSON.stringify(token));
      return await kind.undo(read, { target, signal: AbortSignal.timeout(30_000), now: () => new Date() });
    },
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };

  /** The observation goes through JSON, as it does on its way through a journal. */
  async function readStep(kind: AnyStepKind, spec: unknown, observation: unknown) {
    const result = await kind.read(spec, JSON.parse(JSON.stringify(observation)), files);
    return {
      spec,
      observation,
      result: kind.result.parse(result),
      failure: kind.failure?.(spec, result) ?? null,
      blocks: kind.view(spec, result),
    };
  }

  return bench;
}

const never = (): AbortSignal => new AbortController().signal;

function find<K>(offers: readonly Offer[], key: Key<K>): K | null {
  const offer = offers.find((candidate) => candidate.key.name === key.name);
  return offer === undefined ? null : (offer.value as K); // a key's name stands for its type
}
