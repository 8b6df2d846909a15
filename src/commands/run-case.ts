import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blankFiles } from "../engine/blank-files.js";
import { createEvidenceStore } from "../engine/evidence-store.js";
import { createMasker } from "../engine/mask.js";
import { type RunOutcome, run } from "../engine/run.js";
import { type CaseFolder, createCaseFolder, runbookFile, slug } from "../journal/case-folder.js";
import { lockCase } from "../journal/lock.js";
import { Journal } from "../journal/write.js";
import type { Event } from "../model/event.js";
import type { Answers } from "../model/question.js";
import type { Risk } from "../model/risk.js";
import type { Runbook } from "../model/runbook.js";
import type { Target } from "../model/target.js";
import type { Value } from "../model/value.js";
import { connectTarget, TargetUnavailable } from "../targets/index.js";
import { timeLimit } from "../util/time-limit.js";
import type { Needs } from "./needs.js";
import { type Check, preflight } from "./preflight.js";

/** One run of one runbook on one host. */
export interface CaseRequest {
  readonly runbook: Runbook;
  readonly inputs: ReadonlyMap<string, Value>;
  /** As in `--host`. */
  readonly host: string;
  /** What the planned steps need of the host. */
  readonly needs: Needs;
  readonly allow: Risk;
  readonly answers: Answers;
  readonly timeout: number | null;
  /** The case folder itself, or null: a fresh one below `reports`. */
  readonly out: string | null;
  readonly reports: string;
  /** A folder as one would type it where casebook runs. */
  readonly typed: (folder: string) => string;
  readonly invocation: readonly string[];
  readonly watchers: readonly ((event: Event) => void)[];
  readonly casebook: string;
  readonly user: string;
  readonly pid: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export type CaseResult =
  | { readonly ran: true; readonly folder: string; readonly outcome: RunOutcome }
  /** Nothing ran and no case was left: sentences that say what is missing and how to get it. */
  | { readonly ran: false; readonly lacks: readonly string[] };

/** Makes a case and runs the runbook into it. The reports are the caller's. */
export async function runCase(request: CaseRequest): Promise<CaseResult> {
  const folder = await openFolder(request);
  if ("lacks" in folder) return { ran: false, lacks: folder.lacks };
  await using _lock = await lockCase(folder.path);
  const scratch = join(folder.path, ".scratch");
  await mkdir(scratch, { mode: 0o700 });
  let ran: CaseResult;
  try {
    ran = await runOnTarget(request, folder, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  if (!ran.ran) await rm(folder.path, { recursive: true, force: true });
  return ran;
}

async function openFolder(request: CaseRequest): Promise<CaseFolder | { readonly lacks: readonly string[] }> {
  const base = request.runbook.file.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
  const name = request.host === "local" ? slug(base) : `${slug(base)}-${slug(request.host)}`;
  const where = request.out === null ? { parent: request.reports, name, now: request.now() } : { out: request.out };
  try {
    return await createCaseFolder(where);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const place = request.out ?? path ?? request.reports;
    const remedy =
      request.out === null ? "give another place with --out DIR" : "give --out a folder that is new or empty";
    return { lacks: [`The case folder ${place} cannot be made (${code}): ${remedy}.`] };
  }
}

async function runOnTarget(request: CaseRequest, folder: CaseFolder, scratch: string): Promise<CaseResult> {
  const { runbook, inputs, now } = request;
  using limit = timeLimit(request.signal, 30_000);
  const connecting = limit.signal;
  const reached = await reach(request.host, connecting, scratch);
  if ("lacks" in reached) return { ran: false, lacks: reached.lacks };
  await using target = reached;
  const facts = await target.facts(connecting);
  const checked = { target, facts, needs: request.needs, place: folder.path, thorough: false };
  const { checks, found: tools } = await preflight(checked, connecting);
  // What was cut short would read as missing.
  if (connecting.aborted) return { ran: false, lacks: request.signal.aborted ? [] : [unanswered(request.host)] };
  const missing = checks.filter(({ state }) => state === "missing");
  if (missing.length > 0) return { ran: false, lacks: missing.map(lack) };

  const secrets = new Map(
    runbook.inputs
      .filter((input) => input.secret && typeof inputs.get(input.name) === "string")
      .map((input) => [input.name, String(inputs.get(input.name))]),
  );
  const masker = createMasker(secrets);
  using blanks = blankFiles(scratch);
  const files = createEvidenceStore(folder.path, masker, { create: blanks.open });
  await writeFile(join(folder.path, runbookFile), runbook.text, { mode: 0o600 });
  const journal = Journal.create(folder.path, now);
  try {
    const outcome = await run({
      ...request,
      runbookSha256: createHash("sha256").update(runbook.text).digest("hex"),
      secrets: [...secrets.keys()],
      target,
      facts,
      tools,
      log: journal,
      files,
      masker,
      caseName: request.typed(folder.path),
      scratch,
    });
    return { ran: true, folder: folder.path, outcome };
  } finally {
    journal.close();
  }
}

async function reach(
  host: string,
  signal: AbortSignal,
  scratch: string,
): Promise<Target | { readonly lacks: readonly string[] }> {
  try {
    return await connectTarget(host, { signal, scratch });
  } catch (error) {
    if (error instanceof TargetUnavailable) return { lacks: [error.message] };
    if (signal.aborted) return { lacks: [unanswered(host)] };
    throw error;
  }
}

const unanswered = (host: string): string => `${host} could not be reached: no answer before it was given up`;

const lack = ({ text, remedy }: Check): string => (remedy === null ? text : `${text}; ${remedy}`);
