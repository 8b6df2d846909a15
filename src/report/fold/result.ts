import type { EvidenceReader } from "../../model/evidence.js";
import { isJsonObject, type Json } from "../../model/json.js";

/** A journalled value, read back from the evidence where it was too large for the journal; and why it could not be. */
export async function whole(
  json: Json,
  evidence: EvidenceReader,
): Promise<{ readonly value: Json; readonly problem: string | null }> {
  const path = movedTo(json);
  if (path === null) return { value: json, problem: null };
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of evidence.stream(path)) chunks.push(chunk);
    return { value: JSON.parse(Buffer.concat(chunks).toString()) as Json, problem: null };
  } catch (error) {
    // Evidence may be gone or cut; the report is written all the same and says so.
    return {
      value: null,
      problem: `${path} could not be read: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function movedTo(json: Json): string | null {
  if (!isJsonObject(json) || Object.keys(json).length !== 1) return null;
  const ref = json.evidence;
  return isJsonObject(ref) && typeof ref.path === "string" && typeof ref.sha256 === "string" ? ref.path : null;
}
