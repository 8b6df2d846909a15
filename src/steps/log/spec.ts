import * as z from "zod";
import { command, duration, openStepId, roles, stepId } from "../../model/fields.js";
import { text, time } from "../../model/result-fields.js";
import { parsedFields, parseField } from "../parse.js";
import { re2 } from "../pattern.js";
import { sinceWhen } from "./since.js";

/** Any time or duration; other texts name a step, which `check` looks up. */
const sinceTime = z
  .string()
  .refine((text) => sinceWhen(text, { now: new Date(0), offsetMinutes: 0 }) !== null, {
    error: "expected a time such as 2026-01-31T12:00:00Z, a duration back such as 5m",
  })
  .register(roles, { role: "duration" });

const sources = ["of", "file", "unit", "command"] as const;

export const spec = z
  .strictObject({
    of: openStepId("start").optional().describe("A `start` step around this one: what its program prints."),
    file: z.string().min(1).optional().describe("A log file on the host."),
    unit: z.string().min(1).optional().describe("A systemd unit: its entries of the journal."),
    directory: z.string().min(1).optional().describe("For `unit`: journal files other than the host's own."),
    command: command().optional().describe("A command that prints the log: `kubectl logs …`."),
    contains: z.string().min(1).optional().describe("Only lines with this text."),
    matches: re2().optional().describe("Only lines in which this RE2 pattern is found."),
    parse: parseField([])
      .optional()
      .describe(
        "An RE2 pattern with named groups, which picks `rows` out of these lines: one row for each match. A line that was cut has none.",
      ),
    since: z
      .union([sinceTime, stepId()])
      .optional()
      .describe("A time, a duration back (`5m`), or a step: for a file its length when that step began."),
    wait: duration().optional().describe("Waits this long at most for the first such line."),
    follow: z.boolean().optional().describe("Collects what is written while `during` runs."),
  })
  .superRefine((fields, context) => {
    const issue = (message: string, path: string[] = []) => context.addIssue({ code: "custom", message, path });
    const given = sources.filter((source) => fields[source] !== undefined);
    if (given.length !== 1) {
      issue(
        `expected exactly one of ${sources.join(", ")}, found ${given.length === 0 ? "none" : given.join(" and ")}`,
      );
    }
    if (fields.directory !== undefined && fields.unit === undefined) {
      issue("expected `unit` beside `directory`", ["directory"]);
    }
    if (fields.follow === true && fields.wait !== undefined) {
      issue("expected `wait` or `follow`: with `follow` it is `during` that takes its time", ["wait"]);
    }
  });

export type LogSpec = z.infer<typeof spec>;

export const result = z.strictObject({
  lines: z.array(z.strictObject({ text: text(), at: time().nullable() }).readonly()).readonly(),
  rows: parsedFields.rows,
  count: z.int(),
  /** How many lines were looked through: that none is wanted means little when there were none. */
  searched: z.int(),
  /** Lines are missing from `lines`, were cut, or could not be had: `notes` says why. */
  truncated: z.boolean(),
  notes: z.array(z.string()).readonly(),
  /** How many bytes of a file were there before what is wanted; null where that is not how it is told. */
  from_byte: z.int().nullable(),
});

export type LogResult = z.infer<typeof result>;
