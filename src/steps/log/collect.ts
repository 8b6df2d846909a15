import type { EvidenceRef } from "../../model/evidence.js";
import type { Json } from "../../model/json.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { readMark } from "./file-script.js";
import { hostClock } from "./host-clock.js";
import { LineFilter } from "./line-filter.js";
import type { Clock } from "./line-time.js";
import { resolveSince } from "./since.js";
import { sourceOf } from "./source.js";
import type { LogSpec } from "./spec.js";
import type { Source, Take } from "./take.js";

/** What was collected: the lines that were wanted, in the order they came. */
export interface Logged {
  readonly lines: EvidenceRef | null;
  /** How many lines the wanted ones were looked for among. */
  readonly searched: number;
  /** Lines of which only the beginning is there: their place among `lines`, and how many bytes are missing. */
  readonly cuts: readonly { readonly line: number; readonly omitted: number }[];
  /** What is missing and why. */
  readonly notes: readonly string[];
  /** For a file of which only what was written after some time is wanted: its inode and length at that time; else null. */
  readonly from: { readonly inode: string | null; readonly size: number } | null;
  /** Against which times without year or zone are read. */
  readonly clock: { readonly now: string; readonly offset_minutes: number };
}

/** Cut lines that are noted one by one. */
const notedCuts = 1000;

/** A source with its filters and its evidence: everything between the host and the case folder. */
export interface Collector {
  readonly source: Source;
  readonly take: Take;
  readonly count: () => number;
  /** Calls back at each line that is wanted. */
  onLine: () => void;
  finish(): Promise<Logged>;
}

/** @param mark what `mark` noted when the step of `since` began, or null */
export async function collector(
  spec: LogSpec,
  mode: "read" | "wait" | "follow",
  mark: Json,
  context: StepContext,
): Promise<Collector> {
  const clock = await hostClock(context.target, context.signal);
  const since = resolveSince(spec.since, clock, context);
  const evidence = context.capture("lines");
  const filters = new Map<string, LineFilter>();
  const cuts: { line: number; omitted: number }[] = [];
  let count = 0;
  let cutMore = 0;
  const source = await sourceOf(spec, { mode, since, mark: since.step === null ? null : readMark(mark) }, context);
  const made: Collector = {
    source,
    count: () => count,
    onLine: () => {},
    async take(bytes, tag) {
      const filter = filters.get(tag) ?? create();
      filters.set(tag, filter);
      await filter.write(bytes);
    },
    async finish() {
      for (const filter of filters.values()) await filter.end();
      return {
        lines: await evidence.close(),
        searched: searched(),
        cuts,
        notes: noted(),
        from: source.from,
        clock: written(clock),
      };
    },
  };
  return made;

  function create(): LineFilter {
    return new LineFilter({
      spec,
      since: source.knowsTime ? null : since.at,
      clock,
      async accept(line, omitted) {
        if (omitted > 0 && cuts.length < notedCuts) cuts.push({ line: count, omitted });
        else if (omitted > 0) cutMore++;
        count++;
        await evidence.write(Buffer.concat([line, newline]));
        made.onLine();
      },
    });
  }

  function searched(): number {
    return [...filters.values()].reduce((sum, filter) => sum + filter.searched, 0);
  }

  function noted(): readonly string[] {
    const all = [...filters.values()];
    if (all.some((filter) => filter.untimed)) {
      throw new StepFailure(`no line tells its time, so it is not known what was written since ${spec.since}`, {
        remedy:
          since.step === null
            ? "use a step in `since`, or leave it out"
            : `write \`file\` with a name that has its value before ${since.step} begins, or leave \`since\` out`,
      });
    }
    const unsearched = all.reduce((sum, filter) => sum + filter.unsearched, 0);
    return [
      ...source.missing,
      ...(unsearched > 0 ? [`${unsearched} long lines were searched in their beginning only`] : []),
      ...(cutMore > 0 ? [`${cutMore} more lines were cut`] : []),
    ];
  }
}

const newline = Buffer.from("\n");

const written = ({ now, offsetMinutes }: Clock) => ({ now: now.toISOString(), offset_minutes: offsetMinutes });
