import type { Frame } from "../../delve/session/frames.js";
import type { DelveSession } from "../../delve/session/session.js";
import type { Hit, Stop } from "../../delve/session/stop.js";
import { formatValue } from "../../delve/values/format-value.js";
import type { NamedTree } from "../../delve/values/value-tree.js";
import type { GoroutineRow } from "./observation.js";

export const place = ({ function: name, file, line }: Frame): string => `${name} ${file}:${line}`;

/** Where the program stands, as Delve says it; the source around it is read when the words are asked for. */
export function describeStop(session: DelveSession, stop: Stop, signal: AbortSignal): () => Promise<string> {
  const { goroutine, location } = session.current;
  if (location === null) return async () => "the program stands, at no known place";
  const breakpoint = session.currentBreakpoint;
  const hits =
    breakpoint === null || goroutine === null
      ? ""
      : ` (hits goroutine(${goroutine}):${breakpoint.hitCount?.[goroutine] ?? 0} total:${breakpoint.totalHitCount})`;
  const lines = [
    `> ${location.function}() ${location.file}:${location.line}${hits}`,
    ...(goroutine === null ? [] : [`  goroutine ${goroutine}`]),
    ...session.hits.filter((hit) => hit.goroutine !== goroutine).map(alsoThere),
    ...stop.moved.map(({ goroutine: id, from, to }) => describeMove(id, from, to)),
  ];
  return async () => {
    const excerpt = await session.sources.excerpt(location.file, location.line, signal);
    return [...lines, ...(excerpt === null ? [] : [excerpt])].join("\n");
  };
}

const alsoThere = ({ goroutine, location }: Hit): string => `  goroutine ${goroutine} stands at ${place(location)} too`;

function describeMove(goroutine: number, from: Frame | null, to: Frame | null): string {
  if (to === null) return `  meanwhile goroutine ${goroutine} ran on${from === null ? "" : ` from ${place(from)}`}`;
  return `  meanwhile goroutine ${goroutine} came to ${place(to)}`;
}

export const formatValues = (values: readonly NamedTree[]): string =>
  values.map(({ name, value }) => `${name} = ${formatValue(value)}`).join("\n");

export function formatStack(frames: readonly Frame[]): string {
  const width = String(Math.max(0, frames.length - 1)).length;
  return frames
    .map(({ function: name, file, line }, index) => {
      const number = String(index).padStart(width);
      return `${number}  ${name}\n${" ".repeat(width)}  at ${file}:${line}`;
    })
    .join("\n");
}

export function formatGoroutine(row: GoroutineRow, current: number | null): string {
  const created = row.created_by === null || row.stack.length === 0 ? "" : `created by ${place(row.created_by)}`;
  const details = [formatValues(row.values), formatStack(row.stack), created].filter((text) => text !== "").join("\n");
  const indented = details.replace(/^/gm, "\t");
  const head = `${row.id === current ? "*" : " "} Goroutine ${row.id} - ${place(row.location)}`;
  return details === "" ? head : `${head}\n${indented}`;
}
