import type { Question } from "../../model/question.js";
import type { InputDeclaration } from "../../model/runbook.js";
import { expectedOf, parseInput } from "../../runbook/inputs.js";
import { visible } from "../../util/visible.js";
import type { Io } from "../io.js";

/** What a question needs of an input. */
type Asked = Pick<InputDeclaration, "name" | "about" | "type" | "choices" | "pattern" | "secret">;

/** Asks on the terminal for each input; null when the person would rather stop. */
export async function askForInputs(io: Io, missing: readonly Asked[]): Promise<ReadonlyMap<string, unknown> | null> {
  const answers = new Map<string, unknown>();
  for (const declaration of missing) {
    const answer = await askForInput(io, declaration);
    if (answer === null) return null;
    answers.set(declaration.name, answer);
  }
  return answers;
}

async function askForInput(io: Io, declaration: Asked): Promise<string | null> {
  // Loaded only to ask: few runs do.
  const { isCancel, password, select, text } = await import("@clack/prompts");
  const about = declaration.about === null ? "" : ` – ${visible(declaration.about)}`;
  const common = { message: `${declaration.name}${about}`, input: io.stdin, output: io.stderr.stream };
  const validate = (value: string | undefined): string | undefined => {
    const parsed = parseInput(declaration, value ?? "");
    return parsed.ok ? undefined : parsed.message;
  };
  const choices = declaration.type === "boolean" ? ["true", "false"] : declaration.choices;
  const answer = declaration.secret
    ? await password({ ...common, mask: "", validate })
    : choices.length > 0
      ? await select({ ...common, options: choices.map((value) => ({ value, label: visible(value) })) })
      : await text({ ...common, placeholder: expectedOf(declaration), validate });
  return isCancel(answer) ? null : answer;
}

/** Asks a step's question; null when the person would rather stop, or the signal aborts. */
export async function askQuestion(
  io: Io,
  { prompt, choices, default: fallback }: Question,
  signal: AbortSignal,
): Promise<string | null> {
  const { isCancel, select, text } = await import("@clack/prompts");
  const common = { message: visible(prompt).trim(), input: io.stdin, output: io.stderr.stream, signal };
  const first = fallback === null ? {} : { initialValue: fallback };
  const given = fallback === null ? {} : { placeholder: visible(fallback), defaultValue: fallback };
  const validate = (value: string | undefined): string | undefined =>
    (value ?? "") === "" && fallback === null ? "expected an answer" : undefined;
  const answer =
    choices === null
      ? await text({ ...common, ...given, validate })
      : await select({ ...common, ...first, options: choices.map((value) => ({ value, label: visible(value) })) });
  return isCancel(answer) ? null : answer;
}

/** Asks a question to be answered with yes or no; no is the default, and what leaving means. */
export async function askToConfirm(io: Io, message: string): Promise<boolean> {
  const { confirm } = await import("@clack/prompts");
  return (await confirm({ message, initialValue: false, input: io.stdin, output: io.stderr.stream })) === true;
}
