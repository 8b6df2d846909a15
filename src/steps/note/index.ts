import * as z from "zod";
import { rich } from "../../model/fields.js";
import type { StepKind } from "../../model/step-kind.js";

const spec = rich().describe("Markdown, with values as `{{name}}`.");

const result = z.strictObject({});

/** Text between the steps: what is known, what comes next. Collects nothing. */
export const note: StepKind<string, null, z.infer<typeof result>> = {
  name: "note",
  doc: "Markdown between the steps: what is known so far and why the next steps follow. Values go in as text and never become markup.",
  example: `note: |
  ## What is known
  The port answers HTTP, always with **404**, and no document mentions it.`,
  spec,
  result,
  outline: () => ({ risk: "observe", tools: [], commands: [], changes: [] }),
  observe: async () => null,
  asksNobody: () => true,
  read: async () => ({}),
  view: (text) => [{ type: "text", text }],
};
