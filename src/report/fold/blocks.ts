import type { Block } from "../../model/block.js";
import type { EvidenceReader, EvidenceRef } from "../../model/evidence.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { ReportBlock } from "../../model/report-step.js";
import { revive } from "../../model/revive.js";
import type { AnyStepKind } from "../../model/step-kind.js";
import type { ValueObject } from "../../model/value.js";
import { wholeJson } from "../../model/whole-json.js";
import { quoteWords } from "../../util/shell-quote.js";
import { decodeHead, decodeTail } from "../../util/utf8.js";
import type { Anchors } from "./anchors.js";
import { bound, shown } from "./bound.js";
import type { Execution } from "./collect.js";

/** What a step shows, and its result as the journal holds it. */
export interface Shown {
  readonly blocks: readonly ReportBlock[];
  readonly result: Json;
}

/** The view of a step's result with its captured streams; of a step without a result, what was captured until it ended. */
export async function showResult(
  execution: Execution,
  kind: AnyStepKind | undefined,
  anchor: string,
  anchors: Anchors,
  evidence: EvidenceReader,
): Promise<Shown> {
  const refs = streamsOf(execution);
  const { value: result, problem } = await wholeJson(execution.finished?.result ?? null, evidence);
  const blocks: Block[] = problem === null ? [] : [{ type: "text", text: problem }];
  if (isJsonObject(result)) blocks.push(...view(kind, execution.started?.spec ?? null, result));
  else blocks.push(...observed(execution), ...(await captured(refs, evidence)));
  // The step's commands stand above its blocks already.
  const commands = new Set(
    execution.commands.flatMap(({ started: { argv } }) => [
      quoteWords(argv),
      ...(argv[1] === "-c" ? argv.slice(2) : []),
    ]),
  );
  return {
    result,
    blocks: blocks
      .filter((block) => !(block.type === "code" && block.language === "sh" && commands.has(block.text)))
      .filter((block) => !(block.type === "facts" && block.facts.length === 0))
      .map((block) => bound(block, anchors.take(anchorOf(block, anchor)), refs)),
  };
}

/** A kind's own view; where there is none, or it fails, the result's fields. */
function view(kind: AnyStepKind | undefined, spec: Json, result: Json): readonly Block[] {
  if (kind === undefined) return [facts(result)];
  try {
    const revived = revive(result) as ValueObject; // an object stays one
    const parsedSpec = kind.spec.safeParse(spec);
    const parsedResult = kind.result.safeParse(revived);
    return kind.view(parsedSpec.success ? parsedSpec.data : spec, parsedResult.success ? parsedResult.data : revived);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      { type: "text", text: `The view of ${kind.name} failed (${why}); its result as it was recorded:` },
      facts(result),
    ];
  }
}

/** What a step that failed had seen all the same. References to evidence are left out: their streams are shown. */
function observed(execution: Execution): readonly Block[] {
  const seen = execution.finished?.observation ?? null;
  if (!isJsonObject(seen)) return [];
  const told = Object.entries(seen).filter(
    ([, value]) => value !== null && !(isJsonObject(value) && "sha256" in value),
  );
  return [facts(Object.fromEntries(told))];
}

const facts = (result: Json): Block => ({
  type: "facts",
  facts: Object.entries(isJsonObject(result) ? result : { result }).map(([label, value]) => ({
    label,
    value: typeof value === "string" ? value : JSON.stringify(value),
  })),
});

/** The last capture of each stream, without what the engine itself moved to the evidence. */
function streamsOf(execution: Execution): ReadonlyMap<string, EvidenceRef> {
  const own = execution.captured.filter(({ stream }) => !/^(observation|result|saved)\.json$/.test(stream));
  return new Map(own.map(({ stream, evidence }) => [stream, evidence]));
}

async function captured(refs: ReadonlyMap<string, EvidenceRef>, evidence: EvidenceReader): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for (const [stream, ref] of refs) {
    try {
      const head = await evidence.head(ref.path, Math.min(shown.head, ref.bytes));
      const rest = ref.bytes - head.length;
      const tail = rest <= 0 ? new Uint8Array() : await evidence.tail(ref.path, Math.min(shown.tail, rest));
      blocks.push({
        type: "output",
        title: stream,
        head: decodeHead(head),
        tail: decodeTail(tail),
        omittedBytes: rest - tail.length,
        evidence: ref,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      blocks.push({ type: "text", text: `${ref.path} could not be read: ${why}` });
    }
  }
  return blocks;
}

function anchorOf(block: Block, step: string): string {
  const title = "title" in block ? block.title : undefined;
  return `${step}-${
    (title ?? block.type)
      .toLowerCase()
      .replace(/[^a-z0-9_.]+/g, "-")
      .slice(0, 40) || block.type
  }`;
}
