import { clip, widthOf } from "../util/clip.js";
import { duration } from "../util/measure.js";
import { visibleLine } from "../util/visible.js";
import type { OpenStep } from "./open-steps.js";
import type { Paint } from "./paint.js";
import type { RegionLine } from "./region.js";

/** What a frame is drawn from and where it has to fit. */
export interface FrameOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  /** What a step has printed last, or null. */
  readonly lastLine: (step: OpenStep) => string | null;
}

/** The open steps as a tree, each with the time it takes so far and the last line of its output. The innermost stay where room is short. */
export function liveFrame(steps: readonly OpenStep[], options: FrameOptions): readonly RegionLine[] {
  // The last column stays free: some terminals begin a new row there. So does the last row, for the cursor.
  const columns = options.columns - 1;
  const lines = steps.flatMap((step) => {
    const printed = options.lastLine(step);
    const own = stepLine(step, columns, options);
    return printed === null ? [own] : [own, outputLine(printed, step, columns, options.paint)];
  });
  return lines.slice(-Math.max(1, options.rows - 1));
}

function stepLine(step: OpenStep, columns: number, { now, paint }: FrameOptions): RegionLine {
  const { title, iteration, attempt } = step;
  const round = iteration === null ? "" : ` (round ${iteration})`;
  const again = attempt === 1 ? "" : `, attempt ${attempt}`;
  const time = ` ${duration(Math.max(0, Math.round((now - step.since) / 100) * 100))}`;
  const name = visibleLine(`${step.step}${round}${again}${title === "" ? "" : `: ${title}`}`);
  const left = indent(step, columns);
  const shown = clip(name, columns - 2 - left.length - time.length);
  const text = `${left}${shown}`;
  return { text: `${paint.warn("→")} ${text}${paint.quiet(time)}`, width: 2 + widthOf(text) + time.length };
}

function outputLine(printed: string, step: OpenStep, columns: number, paint: Paint): RegionLine {
  const left = `${indent(step, columns)}  │ `;
  const text = clip(`${left}${visibleLine(printed.replaceAll("\t", "  "))}`, columns);
  return { text: paint.quiet(text), width: widthOf(text) };
}

/** Steps deep inside keep room for their names. */
const indent = ({ depth }: OpenStep, columns: number): string =>
  "  ".repeat(Math.min(depth, Math.max(0, Math.floor(columns / 8) - 1)));
