import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Report } from "../../model/report.js";
import type { Runbook } from "../../model/runbook.js";
import { version } from "../../version.js";
import { replayInputs } from "../inputs/recorded-inputs.js";
import type { Io } from "../io.js";
import type { RecordedCase } from "../recorded-case.js";
import { UsageError } from "../usage-error.js";
import { foldCase } from "./reports.js";
import { runCase } from "./run-case.js";

/**
 * Replays a case into a folder that is gone afterwards; gives what the replay came to. The environment gives no inputs. Throws
 * `UsageError` when the runbook needs inputs that the case does not have.
 */
export async function replayApart(
  io: Io,
  runbook: Runbook,
  recorded: RecordedCase,
  signal: AbortSignal,
): Promise<Report> {
  const inputs = await replayInputs({ ...io, env: {} }, runbook, {}, recorded, false);
  if (inputs === null) throw new Error("inputs were asked for where nobody may be asked");
  const folder = await mkdtemp(join(tmpdir(), "casebook-replay-"));
  try {
    const ran = await runCase({
      runbook,
      inputs,
      host: recorded.connected.host,
      needs: { tools: [], users: [], traces: [], ownSecrets: [] },
      taking: { from: recorded, rerun: null },
      allow: "observe",
      ownEnv: {},
      offline: false,
      answers: { given: new Map(), person: null },
      timeout: null,
      out: join(folder, "case"),
      reports: folder,
      redactText: null,
      typed: (path) => path,
      invocation: ["casebook", ...io.args],
      watchers: [],
      casebook: version,
      user: io.user,
      pid: io.pid,
      now: io.now,
      signal,
    });
    if (!ran.ran) throw new UsageError(ran.lacks.join("; "));
    if (ran.outcome.bug !== null) throw ran.outcome.bug;
    return await foldCase(ran.folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
