import type { EvidenceRef } from "../../model/evidence.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { StepContext, StepKind } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import { notStarted } from "../not-started.js";
import { isCut, lastLine, outputBlock, readText } from "../output.js";
import { linesIfWhole, nothingParsed, parseEvidence, unfilledBy } from "../parse.js";
import { parsedBlocks } from "../rows.js";
import { outline } from "./outline.js";
import { argvOf, type RunResult, type RunSpec, result, spec, succeeded } from "./spec.js";

interface Ran {
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly stdout: EvidenceRef | null;
  readonly stderr: EvidenceRef | null;
}

async function observe(spec: RunSpec, context: StepContext): Promise<Ran> {
  const stdout = context.capture("stdout");
  const stderr = context.capture("stderr");
  const exit = await context.target.run(
    {
      argv: argvOf(spec),
      env: context.env,
      ...(spec.cwd !== undefined && { cwd: spec.cwd }),
      ...(spec.stdin !== undefined && { stdin: inputText(spec.stdin) }),
    },
    { stdout, stderr },
    context.signal,
  );
  return { exit_code: exit.code, signal: exit.signal, stdout: await stdout.close(), stderr: await stderr.close() };
}

const inputText = (stdin: Json): string => (typeof stdin === "string" ? stdin : JSON.stringify(stdin));

function failure(spec: RunSpec, ran: RunResult): string | null {
  if (succeeded(spec, ran.exit_code)) return null;
  const [program = ""] = argvOf(spec);
  const never = notStarted({ program, cwd: spec.cwd, exitCode: ran.exit_code, stderr: ran.stderr });
  if (never !== null) return never;
  const last = lastLine(ran.stderr);
  const said = last === "" ? "" : `: ${last}`;
  if (ran.exit_code === null) return `the command was ended by ${ran.signal}${said}`;
  const expected = (spec.ok ?? [0]).join(" or ");
  return `expected exit code ${expected}, found ${ran.exit_code}${said}`;
}

const howItEnded = (ran: RunResult) =>
  ran.exit_code === null
    ? { label: "Ended by", value: `${ran.signal}` }
    : { label: "Exit code", value: String(ran.exit_code) };

/** Runs a command on the host to its end. */
export const run: StepKind<RunSpec, Ran, RunResult> = {
  name: "run",
  doc:
    "Runs a command on the host to its end and captures what it prints. A text is a shell text, in which names of the runbook are " +
    "environment variables (`$port`); a list is executed as it is, without a shell. An exit code that is not in `ok` fails the step.",
  example: `run:
  command: ss -Hltnp "sport = :$port"
  parse: '^(?P<state>\\S+)\\s+\\d+\\s+\\d+\\s+(?P<address>\\S+)'
save:
  listener: only(result.rows).address`,
  spec,
  result,
  unfilled: (written) => unfilledBy(isJsonObject(written) ? written.parse : undefined),
  normalise: (written) => (typeof written === "string" || Array.isArray(written) ? { command: written } : written),
  outline: (written) => outline(isJsonObject(written) ? written : {}),
  observe,
  readWith: ["parse", "ok"],
  async read(spec, observed, evidence) {
    const isSuccess = succeeded(spec, observed.exit_code);
    const parsed = isSuccess ? await parseEvidence(spec.parse, observed.stdout, evidence) : nothingParsed;
    const stdout = await readText(observed.stdout, evidence);
    const stderr = await readText(observed.stderr, evidence);
    return {
      exit_code: observed.exit_code,
      signal: observed.signal,
      stdout,
      stderr,
      truncated: isCut(stdout, stderr),
      ...parsed,
      ...(spec.parse === undefined && isSuccess && { lines: linesIfWhole(observed.stdout, stdout) }),
    };
  },
  failure,
  view: (spec, result) => [
    {
      type: "code",
      language: "sh",
      text: typeof spec.command === "string" ? spec.command : quoteWords(spec.command),
    },
    ...(spec.stdin === undefined
      ? []
      : [{ type: "code", language: "text", title: "stdin", text: inputText(spec.stdin) } as const]),
    ...outputBlock("stdout", result.stdout),
    ...outputBlock("stderr", result.stderr),
    ...parsedBlocks(result.rows),
    { type: "facts", facts: [howItEnded(result)] },
  ],
};
