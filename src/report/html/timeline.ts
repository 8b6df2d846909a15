import type { Report } from "../../model/report.js";
import type { ReportStep } from "../../model/report-step.js";
import { duration } from "../../util/measure.js";
import { plainOf } from "../text/markdown-it.js";
import { offset, stepMarks } from "../text/words.js";
import { escapeHtml } from "./escape.js";

const width = 960;
const labels = 330;
const row = 22;
const top = 26;
/** More rows than this are no drawing any more. */
const mostRows = 60;

/**
 * The run drawn over time: a bar for each step, below it when changes stood and when processes stood still. Every fact in it is in
 * the table beside it, so the drawing as a whole is one image. Empty when there is nothing to draw.
 */
export function timelineSvg(report: Report): string {
  const steps = drawn(report.steps);
  const ends = steps.map(({ offset, milliseconds }) => (offset ?? 0) + (milliseconds ?? 0));
  const total = Math.max(report.milliseconds ?? 0, ...ends, 1);
  if (steps.length === 0) return "";
  const x = (milliseconds: number): number =>
    round(labels + (Math.max(0, milliseconds) / total) * (width - labels - 8));
  const bar = (from: number, length: number, y: number, kind: string, title: string): string =>
    `<rect class="${kind}" x="${x(from)}" y="${y}" width="${round(Math.max(2, x(from + length) - x(from)))}" height="10"${fills[kind] ?? ""}><title>${escapeHtml(title)}</title></rect>`;

  const parts: string[] = [];
  let y = top;
  for (const step of steps) {
    const { mark, word } = stepMarks[step.status];
    const which = step.iteration === null ? "" : ` · round ${step.iteration}`;
    const name = `${mark} ${step.number} ${plainOf(step.title)}${which}`;
    const length = step.milliseconds ?? Math.max(0, total - (step.offset ?? 0));
    const said = `${name}: ${word}, ${offset(step.offset ?? 0)}${step.milliseconds === null ? "" : `, ${duration(length)}`}`;
    parts.push(label(name, y, Math.min(step.depth, 4) * 12), bar(step.offset ?? 0, length, y + 5, step.status, said));
    y += row;
  }
  const { changes, standstills } = report.host_state;
  const epoch = Date.parse(report.started_at ?? "");
  if (changes.length > 0) {
    parts.push(label("changed on the host", y, 0));
    for (const { what, announced_at, milliseconds } of changes) {
      const from = Date.parse(announced_at) - epoch;
      parts.push(bar(from, milliseconds ?? total - from, y + 5, "change", what));
    }
    y += row;
  }
  if (standstills.length > 0) {
    parts.push(label("a process stood still", y, 0));
    for (const { pid, why, offset: from, milliseconds } of standstills) {
      const length = milliseconds ?? total - from;
      parts.push(
        bar(
          from,
          length,
          y + 5,
          "still",
          `process ${pid}: ${why}, ${milliseconds === null ? "no end" : duration(length)}`,
        ),
      );
    }
    y += row;
  }
  const height = y + 6;
  return `<div class="wide" tabindex="0" role="group" aria-label="Timeline as a drawing"><svg class="timeline" viewBox="0 0 ${width} ${height}" role="img" aria-label="The run over time; the table below holds the same">${axis(total, x, height)}${parts.join("")}</svg></div>`;
}

/** Colours for a reader without styles; the style sheet knows better ones. */
const fills: Readonly<Record<string, string>> = {
  ok: ' fill="#4a7a9c"',
  failed: ' fill="#a8261f"',
  still: ' fill="#8a5a00"',
  change: ' fill="#777"',
};

function drawn(steps: readonly ReportStep[]): readonly ReportStep[] {
  const all = flat(steps, true);
  return all.length <= mostRows ? all : flat(steps, false).slice(0, mostRows);
}

const flat = (steps: readonly ReportStep[], deep: boolean): readonly ReportStep[] =>
  steps.flatMap((step) => [
    ...(step.started_at === null || step.kind === "note" || step.status === "skipped" ? [] : [step]),
    ...(deep ? flat([...step.rounds, ...step.during], true) : []),
  ]);

function label(text: string, y: number, indent: number): string {
  const room = Math.floor((labels - indent - 12) / 7);
  const shown = text.length <= room ? text : `${text.slice(0, room - 1)}…`;
  return `<text x="${indent}" y="${y + 14}" font-size="12" fill="currentColor">${escapeHtml(shown)}</text>`;
}

function axis(total: number, x: (milliseconds: number) => number, height: number): string {
  const step = tickStep(total);
  const ticks: string[] = [];
  for (let at = 0; at <= total; at += step) {
    ticks.push(
      `<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${top - 6}" y2="${height}" stroke="currentColor" stroke-opacity="0.2"/>` +
        `<text class="tick" x="${x(at)}" y="12" font-size="11" text-anchor="${at === 0 ? "start" : x(at) > width - 40 ? "end" : "middle"}" fill="currentColor">${tickLabel(at)}</text>`,
    );
  }
  return ticks.join("");
}

/** 1, 2 or 5 times a power of ten, so that four to nine ticks fit; the last keeps clear of the edge. */
function tickStep(total: number): number {
  const rough = total / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

const tickLabel = (milliseconds: number): string => (milliseconds === 0 ? "0" : duration(milliseconds));

const round = (value: number): number => Math.round(value * 10) / 10;
