import * as z from "zod";
import type { Block } from "../../model/block.js";
import { mayHoldSecret, roles } from "../../model/fields.js";
import { isJsonObject } from "../../model/json.js";
import type { NestedOutcome, StepKind } from "../../model/step-kind.js";
import type { Value } from "../../model/value.js";
import { tableBlock } from "../rows.js";
import { type Packed, pack, unpack } from "./pack.js";

const spec = z.strictObject({
  runbook: z
    .string()
    .min(1)
    .refine(
      (path) => !path.includes("{{"),
      "expected a path without a mustache: check reads the runbook before anything runs",
    )
    .register(roles, { role: "literal" })
    .describe("The runbook's file, relative to the one that uses it."),
  inputs: mayHoldSecret(z.record(z.string(), z.union([z.string(), z.array(z.json())])))
    .optional()
    .describe("Values for its inputs, by name; a secret may only be given to one that is secret there."),
});

type UseSpec = z.infer<typeof spec>;

const verdict = z.strictObject({ answer: z.string(), says: z.string(), advice: z.string().nullable() }).readonly();

const result = z
  .object({ verdict: verdict.nullable().describe("`answer`, `says` and `advice`; null when it asks no question.") })
  .catchall(z.custom<Value>());

interface Used {
  readonly verdict: NestedOutcome["verdict"];
  readonly saved: Packed;
}

/** Runs another runbook as one step of this one. */
export const use: StepKind<UseSpec, Used, z.infer<typeof result>> = {
  name: "use",
  doc:
    "Runs another runbook as one step. Its steps stand inside this one, named `id.step`; its verdict and its saved values, by their " +
    "names, are this step's result. When it fails, the step fails; an undecided question does not fail it.",
  example: `id: web_port
use: { runbook: who-listens.yaml, inputs: { port: 8080 } }
expect:
  known: result.verdict.answer == "as_expected"`,
  spec,
  result,
  normalise: (written) => (typeof written === "string" ? { runbook: written } : written),
  nests(written) {
    const { runbook, inputs } = isJsonObject(written) ? written : {};
    return { runbook: typeof runbook === "string" ? runbook : "", inputs: isJsonObject(inputs) ? inputs : {} };
  },
  // What the runbook does itself is told by its steps.
  outline: () => ({ risk: "observe", tools: [], commands: [], changes: [] }),
  async observe({ inputs = {} }, context) {
    const { verdict, saved } = await context.nested(inputs);
    return { verdict, saved: pack(saved) };
  },
  read: async (_, { verdict, saved }) => ({ ...unpack(saved), verdict }),
  view({ runbook }, { verdict, ...saved }) {
    const { answer, says, advice } = verdict ?? { answer: "none: it asks no question", says: "", advice: null };
    const facts = [
      { label: "Runbook", value: runbook },
      { label: "Answer", value: answer },
      ...(says === "" ? [] : [{ label: "Says", value: says }]),
      ...(advice === null ? [] : [{ label: "Advice", value: advice }]),
    ];
    const rows = Object.entries(saved).map(([name, value]) => [name, value]);
    const table: readonly Block[] = rows.length === 0 ? [] : [tableBlock(["saved", "value"], rows)];
    return [{ type: "facts", facts }, ...table];
  },
};
