import { createHash } from "node:crypto";
import type { EvidenceReader, EvidenceRef } from "./evidence.js";
import { isJsonObject, type Json } from "./json.js";

/** A journalled value, read back from the evidence where it was too large for the journal; and why it could not be. */
export async function wholeJson(
  json: Json,
  evidence: EvidenceReader,
): Promise<{ readonly value: Json; readonly problem: string | null }> {
  const ref = movedTo(json);
  if (ref === null) return { value: json, problem: null };
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of asCaptured(ref, evidence)) chunks.push(chunk);
    return { value: JSON.parse(Buffer.concat(chunks).toString()) as Json, problem: null };
  } catch (error) {
    // Evidence may be gone or cut; the report is written all the same and says so.
    return {
      value: null,
      problem: `${ref.path} could not be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** A captured stream; throws at its end when the bytes are not those that were captured. */
export async function* asCaptured(
  { path, sha256 }: Pick<EvidenceRef, "path" | "sha256">,
  evidence: EvidenceReader,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of evidence.stream(path)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== sha256) throw new Error("it is not what was captured");
}

function movedTo(json: Json): Pick<EvidenceRef, "path" | "sha256"> | null {
  if (!isJsonObject(json) || Object.keys(json).length !== 1) return null;
  const ref = json.evidence;
  if (!isJsonObject(ref) || typeof ref.path !== "string" || typeof ref.sha256 !== "string") return null;
  return { path: ref.path, sha256: ref.sha256 };
}
