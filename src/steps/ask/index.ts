import * as z from "zod";
import { isJsonObject, type Json } from "../../model/json.js";
import type { Question } from "../../model/question.js";
import { answerSources } from "../../model/question.js";
import type { StepKind } from "../../model/step-kind.js";

const text = () => z.string().min(1);

const spec = z
  .strictObject({
    prompt: text().describe("The question, as a person reads it."),
    choices: z.array(text()).min(1).optional().describe("The answers that are possible; any text if absent."),
    default: text().optional().describe("The answer where nobody can be asked, and what Enter gives."),
  })
  .superRefine(({ choices, default: fallback }, issues) => {
    if (choices === undefined || fallback === undefined || choices.includes(fallback)) return;
    issues.addIssue({ code: "custom", path: ["default"], message: `expected one of ${choices.join(", ")}` });
  });

type AskSpec = z.infer<typeof spec>;

const result = z.strictObject({
  answer: z.string(),
  source: z.enum(answerSources).describe("`asked` on the terminal, `given` with --answer, or `default`."),
});

type Answered = z.infer<typeof result>;

const questionOf = ({ prompt, choices, default: fallback }: AskSpec): Question => ({
  prompt,
  choices: choices ?? null,
  default: fallback ?? null,
});

const sources: Readonly<Record<Answered["source"], string>> = {
  asked: "on the terminal",
  given: "with --answer",
  default: "by the default: nobody was asked",
};

/** Asks a person what the host cannot tell. */
export const ask: StepKind<AskSpec, Answered, Answered> = {
  name: "ask",
  doc:
    "Asks the person who runs it what the host cannot tell. `--answer id=value` answers beforehand; without a terminal, or with " +
    "`--no-input`, the default is the answer, and without one the step fails. The answer is text: `int(result.answer)` makes a number.",
  example: `id: expected
ask: { prompt: "Was the service restarted today?", choices: [restarted, untouched], default: untouched }
expect:
  restarted: result.answer == "restarted"`,
  spec,
  result,
  normalise: (written) => (typeof written === "string" ? { prompt: written } : written),
  outline: (written) => ({ risk: "observe", tools: [], commands: [], changes: [], asks: outlined(written) }),
  observe: (spec, context) => context.ask(questionOf(spec)),
  read: async (_, answered) => answered,
  view: ({ prompt }, { answer, source }) => [
    {
      type: "facts",
      facts: [
        { label: "Question", value: prompt },
        { label: "Answer", value: answer },
        { label: "Answered", value: sources[source] },
      ],
    },
  ],
};

/** The question as far as it is known before the run. */
function outlined(written: Json): Question {
  const { prompt, choices, default: fallback } = isJsonObject(written) ? written : {};
  const known = Array.isArray(choices) && !choices.some((choice) => String(choice).includes("‹"));
  return {
    prompt: String(prompt ?? ""),
    choices: known ? choices.map(String) : null,
    default: fallback === undefined ? null : String(fallback),
  };
}
