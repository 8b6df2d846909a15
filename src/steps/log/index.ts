import type { Block } from "../../model/block.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { Outline, StepKind } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import type { Logged } from "./collect.js";
import { mark, observe, open } from "./observe.js";
import { readLog } from "./read.js";
import { type LogResult, type LogSpec, result, spec } from "./spec.js";

/** Lines that a report shows; the evidence has them all. */
const shownLines = 200;

const stepName = /^[a-z][a-z0-9_]*$/;

function outline(written: Json): Outline {
  const { of, file, unit, command } = isJsonObject(written) ? written : {};
  const plan = (text: string, tools: Outline["tools"] = []): Outline => ({
    risk: "observe",
    tools,
    commands: [text],
    changes: [],
  });
  if (of !== undefined) return plan(`read what ${String(of)} prints`);
  if (file !== undefined) {
    return plan(`tail ${String(file)}`, [{ any: ["tail"], packages: ["coreutils"], why: "reads log files" }]);
  }
  if (unit !== undefined) {
    const journalctl = { any: ["journalctl"], packages: ["systemd"], why: "reads the journal", version: ["--version"] };
    return plan(`journalctl --output=json --unit=${String(unit)}`, [journalctl]);
  }
  return plan(Array.isArray(command) ? quoteWords(command.map(String)) : String(command ?? ""));
}

function view(_: LogSpec, { lines, count, searched, notes, from_byte }: LogResult): readonly Block[] {
  const shown = lines.slice(0, shownLines).map(({ text }) => text.toString());
  const more = count - shown.length;
  const text = [...shown, ...(more > 0 ? [`… ${more} more lines …`] : [])].join("\n");
  return [
    {
      type: "facts",
      facts: [
        { label: "Lines", value: count === searched ? String(count) : `${count} of ${searched} searched` },
        // Journals of earlier runs may lack it.
        ...(typeof from_byte !== "number" ? [] : [{ label: "Read from", value: `byte ${from_byte} of the file` }]),
      ],
    },
    ...(text === "" ? [] : [{ type: "code" as const, language: "text" as const, text }]),
    ...notes.map((note) => ({ type: "text" as const, text: `Incomplete: ${note}.` })),
  ];
}

/** Lines of a log: of a program that runs here, of a file, of a unit, or of a command. */
export const log: StepKind<LogSpec, Logged, LogResult> = {
  name: "log",
  doc:
    "Lines of a log, all or those that `contains` and `matches` let through. `since` a step means, for a file, what was written to it " +
    "after that step began, also if it was rotated since: `from_byte` is its length then. Where only times can tell, lines without one go with the line before. " +
    "`wait` ends at the first such line; that none came is no failure. With `follow` it collects while `during` runs. " +
    "`at` is the time that a line tells, null if none is recognised; `searched` counts the lines that were looked through; " +
    "`truncated` and `notes` say what is missing.",
  example: `id: late
log:
  file: /var/log/nginx/error.log
  since: 10m
  contains: upstream timed out
  parse: 'upstream: "https?://(?P<upstream>[^/"]+)'
expect:
  one_upstream: result.rows.all(r, r.upstream == result.rows[0].upstream)`,
  spec,
  result,
  unfilled: (written) =>
    isJsonObject(written) && written.parse === undefined
      ? { rows: "write parse: a pattern with named groups such as (?P<status>\\d+)" }
      : {},
  during: (written) => (isJsonObject(written) && written.follow === true ? "required" : "none"),
  markAt: (written) =>
    isJsonObject(written) &&
    written.file !== undefined &&
    typeof written.since === "string" &&
    stepName.test(written.since)
      ? written.since
      : null,
  mark,
  outline,
  observe,
  open,
  readWith: ["parse"],
  read: readLog,
  view,
};
