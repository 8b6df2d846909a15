import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { isJsonObject, type Json } from "../model/json.js";
import type { Report } from "../model/report.js";
import type { ReportStep } from "../model/report-step.js";
import { readInputsFile } from "../runbook/inputs-file.js";
import { orUsageError } from "./given-inputs.js";
import type { Io } from "./io.js";
import { UsageError } from "./usage-error.js";

const schema = z.strictObject({
  verdict: z.string().nullable().optional(),
  exit: z.coerce.number<unknown>().int().optional(),
  hypotheses: z.record(z.string(), z.enum(["supported", "refuted", "contested", "open"])).optional(),
  /** By `step.name`; null: unknown. */
  expect: z.record(z.string(), z.boolean().nullable()).optional(),
  saved: z.record(z.string(), z.json()).optional(),
});

/** What a replay of a case has to come to; what is absent does not matter. */
export type Expected = z.infer<typeof schema>;

/** Reads `CASE.expected.yaml`; null when there is none. Throws `UsageError`. */
export async function readExpected(io: Io, file: string): Promise<Expected | null> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const parsed = schema.safeParse(Object.fromEntries(orUsageError(io, readInputsFile(text, file), text)));
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new UsageError(`${file}: ${mistakes.map((mistake) => mistake.replace(/^: /, "")).join("; ")}`);
}

/** What a case itself came to, for one that stands without a word on what is expected. */
export function expectedOf({ verdict, hypotheses, status, exit_code }: Report): Expected {
  const ended = status === "answered" || status === "finished" || status === "undecided" || status === "failed";
  return {
    verdict: verdict?.answer ?? null,
    hypotheses: Object.fromEntries(hypotheses.map(({ name, standing }) => [name, standing])),
    ...(ended && exit_code !== null && { exit: exit_code }),
  };
}

/** What a run came to otherwise than expected: sentences. */
export function shortfalls(expected: Expected, report: Report): readonly string[] {
  const found = {
    verdict: report.verdict?.answer ?? null,
    exit: report.exit_code,
    hypotheses: Object.fromEntries(report.hypotheses.map(({ name, standing }) => [name, standing])),
    expect: Object.fromEntries(
      ofSteps(report.steps, ({ key, expectations }) =>
        expectations.map(({ name, state }) => [`${key}.${name}`, state === "unknown" ? null : state === "met"]),
      ),
    ),
    saved: Object.fromEntries(ofSteps(report.steps, ({ saved }) => saved.map(({ name, value }) => [name, value]))),
  };
  return Object.entries(expected).flatMap(([what, wanted]) => {
    const had: Json | undefined = found[what as keyof Expected];
    if (!isJsonObject(wanted) || !isJsonObject(had)) return differs(what, wanted as Json, had);
    return Object.entries(wanted).flatMap(([name, value]) => differs(`${what} ${name}`, value, had[name]));
  });
}

const differs = (what: string, wanted: Json, had: Json | undefined): readonly string[] =>
  isDeepStrictEqual(wanted, had) ? [] : [`${what}: expected ${shown(wanted)}, found ${shown(had)}`];

const shown = (value: Json | undefined): string =>
  value === undefined || value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value);

/** Of all steps that run once: rounds have no names outside. */
const ofSteps = <T>(steps: readonly ReportStep[], take: (step: ReportStep) => readonly T[]): readonly T[] =>
  steps.flatMap((step) => [...take(step), ...ofSteps(step.during, take)]);
