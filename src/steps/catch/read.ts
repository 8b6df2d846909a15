import type { EvidenceReader } from "../../model/evidence.js";
import { splitLines } from "../../util/lines.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { Collected } from "./collect.js";
import { HitFold } from "./fold.js";
import { fromLine } from "./record.js";
import { type CatchResult, type CatchSpec, defaultStack } from "./spec.js";

/** A stack of any depth with the values of a hit fits. */
const lineBytes = 16 * 1024 * 1024;

/** Puts the hits together from what was written while they came. */
export async function read(spec: CatchSpec, collected: Collected, evidence: EvidenceReader): Promise<CatchResult> {
  const fold = new HitFold(spec.stack ?? defaultStack);
  let cut = collected.hits?.truncated ?? false;
  if (collected.hits !== null) {
    for await (const line of splitLines(evidence.stream(collected.hits.path), lineBytes)) {
      const record = line.cut ? null : fromLine(decodeUtf8(line.bytes));
      if (record === null) cut = true;
      else fold.add(record);
    }
  }
  return {
    hits: [...fold.rows()],
    count: fold.count,
    not_returned: fold.inside,
    lost: collected.lost,
    ended_by: collected.ended_by,
    truncated: cut || fold.left > 0,
  };
}
