import * as z from "zod";
import { command, condition, duration, integer, stepId } from "../../src/model/fields.js";
import { isJsonObject } from "../../src/model/json.js";
import { text, time } from "../../src/model/result-fields.js";
import type { AnyStepKind, Outline, StepKinds } from "../../src/model/step-kind.js";

/** Kinds for tests of the language alone: one of every shape that the language knows, without a host. */
const nothing: Outline = { risk: "observe", tools: [], commands: [], changes: [] };

const kind = (of: Partial<AnyStepKind> & Pick<AnyStepKind, "name" | "spec" | "result">): AnyStepKind => ({
  doc: `The kind ${of.name}.`,
  example: "",
  outline: () => nothing,
  observe: async () => null,
  read: async () => ({}),
  view: () => [],
  ...of,
});

const note = kind({ name: "note", spec: z.string().min(1), result: z.strictObject({}) });

const run = kind({
  name: "run",
  spec: z.strictObject({
    command: command(),
    stdin: z.string().optional(),
    ok: z.array(integer()).min(1).optional(),
    wait: duration().optional(),
    parse: z.enum(["lines", "json"]).optional(),
  }),
  result: z.strictObject({
    exit_code: z.int().nullable(),
    stdout: text(),
    lines: z.array(z.string()).nullable(),
    rows: z.array(z.record(z.string(), z.string())).nullable(),
  }),
  normalise: (written) => (typeof written === "string" || Array.isArray(written) ? { command: written } : written),
  outline: (written) => ({
    risk: "observe",
    tools: [{ any: ["sh"], packages: ["dash"], why: "to run it" }],
    commands: [isJsonObject(written) ? JSON.stringify(written.command) : ""],
    changes: [],
  }),
});

const sockets = kind({
  name: "sockets",
  spec: z.strictObject({ pid: integer().optional(), state: z.enum(["listening", "established"]).optional() }),
  result: z.strictObject({
    sockets: z.array(z.strictObject({ protocol: z.string(), port: z.int(), address: z.string() })),
  }),
});

const watch = kind({
  name: "watch",
  spec: z.strictObject({ of: stepId().optional(), until: condition().optional() }),
  result: z.strictObject({ count: z.int(), ended_at: time() }),
  opened: z.strictObject({ pid: z.int() }),
  during: () => "required",
  outline: () => ({ ...nothing, risk: "perturb", changes: [{ what: "a watch is set", undo: "it is removed" }] }),
});

const peek = kind({ name: "peek", spec: z.strictObject({}), result: z.strictObject({}), inside: ["watch"] });

export const testKinds: StepKinds = new Map([note, run, sockets, watch, peek].map((one) => [one.name, one]));
