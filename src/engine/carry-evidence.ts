import type { EvidenceReader } from "../model/evidence.js";
import { isJsonObject, type Json } from "../model/json.js";
import { StepFailure } from "../model/step-kind.js";
import { asCaptured } from "../model/whole-json.js";
import { evidenceName } from "./evidence-files.js";
import type { RecordedStep } from "./recording.js";
import type { Asking } from "./source.js";

/**
 * Copies what a recorded step captured into this run's evidence, so that the new case stands alone, and gives the observation with the
 * paths of the copies. Throws `StepFailure` when a file is not what was captured.
 */
export async function carryEvidence(
  recorded: RecordedStep,
  observation: Json,
  from: EvidenceReader,
  asking: Asking,
): Promise<Json> {
  const paths = new Map<string, string>();
  for (const { stream, evidence } of recorded.captured) {
    paths.set(evidence.path, await copy(stream, evidence, from, asking));
  }
  return paths.size === 0 ? observation : renamed(observation, paths);
}

async function copy(
  stream: string,
  evidence: RecordedStep["captured"][number]["evidence"],
  from: EvidenceReader,
  { step, of, within, files, recorder }: Asking,
): Promise<string> {
  // What was cut then is cut in the copy.
  const { path, sha256, bytes, ...cut } = evidence;
  const target = files.open(evidenceName(within, step, of, stream), {
    close: (ref) =>
      recorder.emit({ type: "captured", ...of, stream, evidence: cut.truncated ? { ...ref, ...cut } : ref }),
    cut: () => {}, // the reference says so
  });
  try {
    for await (const chunk of asCaptured({ path, sha256 }, from)) await target.write(chunk);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new StepFailure(`expected the recorded evidence ${path} (${bytes} bytes), but ${said}`, {
      remedy: "see what `casebook verify` says of the recorded case",
      cause: error,
    });
  } finally {
    await target.close();
  }
  const why = target.cut();
  if (why !== null) throw new StepFailure(why);
  return (await target.close())?.path ?? path;
}

function renamed(value: Json, paths: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return paths.get(value) ?? value;
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, paths));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renamed(inner, paths)]));
}
