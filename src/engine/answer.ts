import type { Answered, Answers, Question } from "../model/question.js";
import type { OfStep } from "../model/step-event.js";
import { StepFailure } from "../model/step-kind.js";

/** The answer to a step's question: what was given beforehand, else what the person says, else the default. */
export async function answerTo(
  question: Question,
  of: OfStep,
  answers: Answers,
  signal: AbortSignal,
): Promise<Answered> {
  const { choices } = question;
  const given = answers.given.get(of.step) ?? [];
  const answer = given.length === 1 ? given[0] : given[(of.iteration ?? 1) - 1];
  if (answer !== undefined) {
    if (choices === null || choices.includes(answer)) return { answer, source: "given" };
    throw new StepFailure(`expected one of ${choices.join(", ")} as the answer, found ${answer}`, {
      remedy: howToGive(of, choices),
    });
  }
  if (answers.person !== null) return { answer: await answers.person(question, signal), source: "asked" };
  if (question.default !== null) return { answer: question.default, source: "default" };
  const round = of.iteration === null ? "" : ` of round ${of.iteration}`;
  throw new StepFailure(
    `expected an answer to the question${round}, but nobody can be asked here and there is no default`,
    {
      remedy: howToGive(of, choices),
    },
  );
}

const howToGive = ({ step }: OfStep, choices: Question["choices"]): string =>
  `pass --answer ${step}=${choices === null ? "value" : choices.join("|")}`;
