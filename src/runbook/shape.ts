import * as z from "zod";
import { longestDuration, parseDuration } from "../model/fields.js";
import { risks } from "../model/risk.js";
import { inputTypes } from "../model/runbook.js";
import type { AmountForm } from "./amount.js";

/**
 * The keys of a runbook that belong to no kind, by the place where they stand: what `load` accepts there, and what the JSON
 * Schema describes. What names hold (`inputs`, `save`, …) is a map of anything here; its entries are read one by one.
 */

const text = () => z.string().min(1);

/** A key that takes an amount takes a mustache as well. */
const amount = (form: AmountForm) =>
  z.string().refine((written) => written.includes("{{") || form.parse(written) !== null, {
    error: `expected ${form.expected}`,
  });

/** A duration as a step's own key takes it; a kind's field has it from model/fields.ts. */
export const durationForm: AmountForm = {
  parse(written) {
    const milliseconds = typeof written === "string" ? parseDuration(written) : Math.round(written);
    return milliseconds === null || milliseconds < 0 || milliseconds > longestDuration ? null : milliseconds;
  },
  show: (milliseconds) => `${Number((milliseconds / 1000).toFixed(3))} s`,
  expected: "a duration such as 250ms, 30s or 5m, at most 24d",
};

/** Attempts in all. */
export const timesForm: AmountForm = {
  parse(written) {
    const times = typeof written === "string" && /^\d{1,15}$/.test(written) ? Number(written) : written;
    return typeof times === "number" && Number.isInteger(times) && times >= 1 ? times : null;
  },
  show: String,
  expected: "how many attempts, at least 1",
};

const map = () => z.record(z.string(), z.unknown(), { error: "expected a map" });
const names = () => z.union([z.array(text()), text()], { error: "expected a list of names" });

/** A text of CEL. */
export const conditionText = text();

/** The value of an environment variable. */
export const variableText = z.string();

/** What a hypothesis says. */
export const hypothesisText = text();

export const runbookKeys = {
  casebook: z.literal(1).describe("Version of the language."),
  title: text().describe("What is investigated, in one line."),
  question: text().describe("The question that the verdict answers. Markdown."),
  about: text().describe("What a reader has to know before using the runbook."),
  tags: z.array(text()).describe("Words to find the runbook by."),
  inputs: map().describe("What the runbook is given, by name."),
  hypotheses: map().describe("What may be true, by name; steps support or refute it."),
  defaults: map().describe("What applies to each step that does not say otherwise."),
  steps: z.array(z.unknown(), { error: "expected a list of steps" }).min(1).describe("What is done, in order."),
  verdict: z
    .array(z.unknown(), { error: "expected a list of rules" })
    .min(1)
    .describe("The answer: the first rule whose `when` holds."),
  not_examined: z.array(text()).describe("What was left out, so that nobody takes it for examined."),
};

export const inputKeys = {
  about: text().describe("What the input is for."),
  type: z.enum(inputTypes).describe("What its value has to be; a string unless said."),
  choices: z.array(text()).min(1).describe("For `choice`: the values that are possible."),
  default: z.unknown().describe("The value when none is given."),
  optional: z.boolean().describe("Without a value the input is null."),
  pattern: text().describe("RE2 that the whole value matches."),
  secret: z.boolean().describe("Masked wherever it would be stored or shown."),
};

export const defaultsKeys = {
  timeout: amount(durationForm).describe("Longest time that a step may take."),
  on_fail: z.enum(["stop", "continue"]).describe("What a failed step does to the steps after it."),
  become: z
    .union([z.boolean(), text()], { error: "expected true, false or a user" })
    .describe("Runs as root (true) or as a user, through `sudo -n`."),
};

export const retryKeys = {
  times: z.union([z.int().min(1), amount(timesForm)]).describe("Attempts in all."),
  every: amount(durationForm).describe("Time between attempts; none unless said."),
  until: conditionText.describe("CEL over `result`: what ends the attempts."),
};

/** The keys that any step may have besides its kind. */
export const stepKeys = {
  id: text().describe("A name for the step: its result in texts and conditions after it."),
  title: text().describe("What the step finds out, in one line."),
  note: text().describe("Markdown, shown before the result."),
  when: conditionText.describe("CEL: the step is skipped unless it holds."),
  save: map().describe("Names for values of the result: CEL over `result`."),
  require: z
    .union([conditionText, z.array(conditionText).min(1)], { error: "expected a CEL text or a list of them" })
    .describe("CEL over `result` that must hold; else the step fails."),
  expect: map().describe(
    "Observations by name: CEL over `result`. One that does not hold is a finding, not a failure.",
  ),
  timeout: defaultsKeys.timeout,
  retry: map().describe("Repeats the step until a condition holds."),
  for_each: z
    .union([text(), z.array(z.unknown()), map()], { error: "expected a list, or a name and the CEL of a list" })
    .describe("Runs the step once for each element of a list, as `item` or under the name given."),
  on_fail: defaultsKeys.on_fail,
  become: defaultsKeys.become,
  env: map().describe("Environment of the step's commands."),
  risk: z.enum(risks).describe("What the step does to the host, where its kind cannot tell."),
  during: z
    .array(z.unknown(), { error: "expected a list of steps" })
    .min(1)
    .describe("Steps that run while the instrument is open."),
};

export const expectKeys = {
  that: conditionText.describe("CEL over `result`."),
  supports: names().describe("Hypotheses that it speaks for, when it holds."),
  refutes: names().describe("Hypotheses that it speaks against, when it holds."),
  says: text().describe("The observation in words."),
};

export const verdictKeys = {
  answer: text().describe("The answer's name; `undecided` exits with 2."),
  when: conditionText.describe("CEL: the answer is given when it holds."),
  says: text().describe("The answer in words. Markdown."),
  advice: text().describe("What to do about it. Markdown."),
};
