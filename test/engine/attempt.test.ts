import { expect, test } from "vitest";
import { attempt } from "../../src/engine/attempt.js";
import type { Bound } from "../../src/engine/bound.js";
import { Changes } from "../../src/engine/changes.js";
import { createCounters } from "../../src/engine/recorder.js";
import type { Frame } from "../../src/engine/run-state.js";
import { liveSource } from "../../src/engine/source.js";
import type { Runbook, Step } from "../../src/model/runbook.js";
import type { AnyStepKind } from "../../src/model/step-kind.js";
import type { Target } from "../../src/model/target.js";

/** A step that changes something and captures, in a run whose streams cannot be closed: a bug that no real fault provokes. */
function changing(undone: string[], collect: () => unknown): Parameters<typeof attempt> {
  const kind: Partial<AnyStepKind> = {
    name: "changing",
    async observe(_, { capture, announce }) {
      capture("stdout");
      await announce({ what: "a level", undo: "sets it back", token: null });
      return collect();
    },
    read: async () => ({}),
    async undo() {
      undone.push("level");
      return { state: "undone", how: "set back" };
    },
  };
  const recorder = { emit() {}, lost: () => null };
  const now = () => new Date();
  const open = () => ({ close: () => Promise.reject(new Error("not to be closed")) });
  const run = {
    target: { name: "local" } as Target,
    source: liveSource,
    files: { open },
    recorder,
    counters: createCounters(),
    changes: new Changes(recorder, now, async () => null),
    now,
    within: { steps: "", files: "" },
    marks: new Map(),
    runbook: {} as Runbook,
  };
  const of = { step: "changing", span: "s1", parent: null, iteration: null, attempt: 1 };
  // As much of each as an attempt looks at.
  return [
    { kind, key: "changing", ordinal: 1, become: null } as unknown as Step,
    of,
    { binding: { spec: {} }, env: {}, timeout: null } as unknown as Bound,
    { run, signal: new AbortController().signal, instruments: [], parent: null } as unknown as Frame,
  ];
}

test.each([
  ["succeeded", () => ({})],
  [
    "failed",
    () => {
      throw new Error("broken");
    },
  ],
])("what an attempt that %s has changed is put back although its streams cannot be closed", async (_, collect) => {
  const undone: string[] = [];
  const attempted = await attempt(...changing(undone, collect));
  expect(undone).toEqual(["level"]);
  expect(attempted).toMatchObject({ endsRun: true, failure: expect.stringContaining("a bug of casebook: ") });
  expect(attempted.bug).toBeInstanceOf(Error);
});
