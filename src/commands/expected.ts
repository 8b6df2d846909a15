import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { isJsonObject, type Json } from "../model/json.js";
import type { Report } from "../model/report.js";
import type { ReportStep } from "../model/report-step.js";
import { readInputsFile } from "../runbook/inputs-file.js";
import { didYouMean } from "../util/near-miss.js";
import { orUsageError } from "./inputs/given-inputs.js";
import type { Io } from "./io.js";
import { UsageError } from "./usage-error.js";

const known = ["verdict", "exit", "hypotheses", "expect", "saved"];
const standings = ["supported", "refuted", "contested", "open"] as const;
const map = (of: string) => `expected a map, ${of}`;

const schema = z.strictObject(
  {
    verdict: z.string("expected an answer, or null").nullable().optional(),
    exit: z.coerce.number<unknown>("expected an exit code").int("expected an exit code").optional(),
    hypotheses: z
      .record(z.string(), z.enum(standings, `expected one of ${standings.join(", ")}`), map("name: standing"))
      .optional(),
    /** By `step.name`; null: unknown. */
    expect: z
      .record(z.string(), z.boolean("expected true, false or null").nullable(), map("step.name: true"))
      .optional(),
    saved: z.record(z.string(), z.json(), map("name: value")).optional(),
  },
  {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? (issue.keys as string[]).map(unknown).join("; ") : undefined,
  },
);

const unknown = (key: string): string =>
  `unknown key "${key}"; ${didYouMean(key, known) ?? `known here: ${known.join(", ")}`}`;

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
