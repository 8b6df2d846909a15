import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blankFiles } from "../../engine/blank-files.js";
import { createEvidenceStore } from "../../engine/evidence-store.js";
import { createMasker } from "../../engine/mask.js";
import { type RunOutcome, run } from "../../engine/run.js";
import {
  type CaseFolder,
  createCaseFolder,
  redactionsFile,
  removeCaseFolder,
  slug,
} from "../../journal/case-folder.js";
import { lockCase } from "../../journal/lock.js";
import { Journal } from "../../journal/write.js";
import type { Event } from "../../model/event.js";
import type { Answers } from "../../model/question.js";
import type { Risk } from "../../model/risk.js";
import type { Runbook } from "../../model/runbook.js";
import type { Value } from "../../model/value.js";
import { minimumSecretLength } from "../../runbook/inputs.js";
import { UsageError } from "../usage-error.js";
import { hostOfRun } from "./host-of-run.js";
import { keepRunbooks } from "./keep-runbooks.js";
import type { Needs } from "./needs.js";
import { hostOfReplay, isReplay, sourceOf, type Taking } from "./taking.js";

/** One run of one runbook on one host. */
export interface CaseRequest {
  readonly runbook: Runbook;
  readonly inputs: ReadonlyMap<string, Value>;
  /** As in `--host`. */
  readonly host: string;
  /** What an inventory calls the host: the case is named so. Absent or null: after the host. */
  readonly label?: string | null;
  /** What the planned steps need of the host. */
  readonly needs: Needs;
  /** What is taken of an earlier case; null: nothing. */
  readonly taking: Taking | null;
  readonly allow: Risk;
  readonly answers: Answers;
  /** Of casebook itself. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  readonly timeout: number | null;
  /** The case folder itself, or null: a fresh one below `reports`. */
  readonly out: string | null;
  readonly reports: string;
  /** What `--redact` was given, for the case to keep; null: nothing. */
  readonly redactText: string | null;
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
  try {
    return await runInto(folder, request);
  } catch (error) {
    if (!(error instanceof CannotBegin)) throw error;
    await removeCaseFolder(folder);
    return { ran: false, lacks: [error.message] };
  }
}

/** The case cannot be written, as was found before anything ran. */
class CannotBegin extends Error {
  override readonly name = "CannotBegin";
}

/** Does what comes before the first step. Rejects with `CannotBegin` where the disk refuses. */
async function begun<T>({ path }: CaseFolder, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CannotBegin(`the case ${path} cannot be written (${code}): give another place with --out DIR`);
  }
}

async function runInto(folder: CaseFolder, request: CaseRequest): Promise<CaseResult> {
  await using _lock = await begun(folder, () => lockCase(folder.path));
  const scratch = join(folder.path, ".scratch");
  await begun(folder, () => mkdir(scratch, { mode: 0o700 }));
  let ran: CaseResult;
  try {
    ran = await runOnTarget(request, folder, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  if (!ran.ran) await removeCaseFolder(folder);
  return ran;
}

async function openFolder(request: CaseRequest): Promise<CaseFolder | { readonly lacks: readonly string[] }> {
  const base = request.runbook.file.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
  const where = request.label ?? (request.host === "local" ? null : request.host);
  const name = where === null ? slug(base) : `${slug(base)}-${slug(where)}`;
  const folder = request.out === null ? { parent: request.reports, name, now: request.now() } : { out: request.out };
  try {
    return await createCaseFolder(folder);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const { out } = request;
    const found = code === undefined ? undefined : taken.get(code);
    if (out !== null && found !== undefined) {
      throw new UsageError(`--out: expected a folder that is new or empty, found ${found} ${request.typed(out)}`);
    }
    const place = out ?? path ?? request.reports;
    return { lacks: [`the case folder ${place} cannot be made (${code}): give another place with --out DIR`] };
  }
}

/** What stands where a folder was to be made, by node's error. */
const taken: ReadonlyMap<string, string> = new Map([
  ["ENOTEMPTY", "files in"],
  ["EEXIST", "a file:"],
  ["ENOTDIR", "a file at or above"],
]);

async function runOnTarget(request: CaseRequest, folder: CaseFolder, scratch: string): Promise<CaseResult> {
  const { taking, host, needs, signal, runbook, now, redactText } = request;
  const reached =
    taking?.rerun === null
      ? hostOfReplay(taking.from)
      : await hostOfRun({ host, needs, place: folder.path, scratch }, signal);
  if ("lacks" in reached) return { ran: false, lacks: reached.lacks };
  await using _target = reached.target;
  const secrets = secretsOf(request);
  const masker = createMasker(isReplay(taking) ? new Map() : new Map([...secrets, ...ownSecrets(request)]));
  using blanks = blankFiles(scratch);
  const files = createEvidenceStore(folder.path, masker, { files: blanks });
  const kept = await begun(folder, () => keepRunbooks(folder.path, runbook));
  if (redactText !== null) {
    await begun(folder, () => writeFile(join(folder.path, redactionsFile), redactText, { mode: 0o600 }));
  }
  const journal = await begun(folder, () => Journal.create(folder.path, now));
  let outcome: RunOutcome;
  let unflushed: Error | null = null;
  try {
    outcome = await run({
      ...request,
      ...reached,
      ...sourceOf(taking, secrets),
      runbookSha256: kept.sha256,
      uses: kept.uses,
      secrets: [...secrets.keys()],
      log: journal,
      files,
      masker,
      caseName: request.typed(folder.path),
      scratch,
    });
  } finally {
    unflushed = journal.close();
  }
  return { ran: true, folder: folder.path, outcome: { ...outcome, lost: outcome.lost ?? unflushed } };
}

/** What steps look up with, such as a token: it is in no input. */
const ownSecrets = ({ needs, ownEnv }: CaseRequest): readonly (readonly [string, string])[] =>
  needs.ownSecrets.flatMap((name) => {
    const value = ownEnv[name]?.trim() ?? "";
    return value.length < minimumSecretLength ? [] : [[name, value] as const];
  });

const secretsOf = ({ runbook, inputs }: CaseRequest): ReadonlyMap<string, string> =>
  new Map(
    runbook.inputs
      .filter((input) => input.secret && typeof inputs.get(input.name) === "string")
      .map((input) => [input.name, String(inputs.get(input.name))]),
  );
