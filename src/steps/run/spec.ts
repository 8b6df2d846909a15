import * as z from "zod";
import { command, input, integer } from "../../model/fields.js";
import { text } from "../../model/result-fields.js";
import { parsedFields, parseField } from "../parse.js";

export const spec = z.strictObject({
  command: command().describe("A shell text, or a list of arguments that is executed as it is."),
  stdin: input()
    .optional()
    .describe("The whole standard input; a list or an object is given as JSON. Absent: nothing."),
  parse: parseField()
    .optional()
    .describe(
      "How to read the output: `lines`, `json`, `table` (a header row, then columns between blanks), `csv` (with a header), " +
        "or an RE2 pattern with named groups, one row for each match. Absent: the result has its `lines`.",
    ),
  ok: z
    .array(integer({ least: 0, most: 255 }))
    .min(1)
    .optional()
    .describe("Exit codes that count as success; `[0]` if absent."),
  shell: z.string().min(1).optional().describe("The shell that takes a shell text with `-c`; `/bin/sh` if absent."),
  cwd: z.string().min(1).optional().describe("Working directory on the host."),
});

export type RunSpec = z.infer<typeof spec>;

export const result = z.strictObject({
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  stdout: text(),
  stderr: text(),
  truncated: z.boolean(),
  ...parsedFields,
});

export type RunResult = z.infer<typeof result>;

/** What is executed: a list as it is, a text by the shell. */
export const argvOf = (spec: RunSpec): readonly string[] =>
  typeof spec.command === "string" ? [spec.shell ?? "/bin/sh", "-c", spec.command] : spec.command;

/** Whether the exit code is one of those expected. */
export const succeeded = (spec: RunSpec, exitCode: number | null): boolean =>
  exitCode !== null && (spec.ok ?? [0]).includes(exitCode);
