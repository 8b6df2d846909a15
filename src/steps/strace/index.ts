import { isJsonObject, type Json } from "../../model/json.js";
import type { Outline, StepKind } from "../../model/step-kind.js";
import { CutText } from "../../model/value.js";
import { quoteWords } from "../../util/shell-quote.js";
import { tableBlock } from "../rows.js";
import { describeStrace } from "./command-line.js";
import { readTrace, type Traced } from "./read.js";
import { type CallRow, opened, result, type StraceResult, type StraceSpec, spec, token } from "./spec.js";
import { observe, open } from "./trace.js";
import { undoToken } from "./undo.js";

/** Calls that a report shows; the result and the recording have them all. */
const shownCalls = 100;

function outline(written: Json): Outline {
  const fields = isJsonObject(written) ? written : {};
  const { command } = fields;
  // Whom it traces is shown as it is written, for how long is not: neither may hide the rest where it is not known yet.
  const parsed = spec.safeParse({ ...fields, pid: fields.pid === undefined ? undefined : 1, for: undefined });
  const program = Array.isArray(command) ? quoteWords(command.map(String)) : String(command ?? "");
  const whom = fields.pid !== undefined ? `-p ${String(fields.pid)}` : `-p $(pgrep -x ${String(fields.process ?? "")})`;
  const shown = command === undefined ? whom : program;
  return {
    risk: "perturb",
    tools: [{ any: ["strace"], packages: ["strace"], why: "records system calls", version: ["-V"] }],
    commands: [parsed.success ? describeStrace(parsed.data, shown) : `strace -f ${shown}`],
    traces: command === undefined ? "running" : "own",
    changes: [
      { what: "attaches a tracer, which slows the process down", undo: "ends strace, which detaches" },
      ...(command === undefined ? [] : [{ what: "starts a program", undo: "ends it with TERM, after 5 s with KILL" }]),
    ],
  };
}

/** One call on one line, as a terminal would show it. */
function line({ at, pid, args, text }: CallRow): string {
  if (text instanceof CutText) return args.join(" ");
  return `${pid}  ${at === null ? "" : `${at.toISOString().slice(11, 23)} `}${text}`;
}

/** Records the system calls of processes. */
export const strace: StepKind<StraceSpec, Traced, StraceResult> = {
  name: "strace",
  doc:
    "Attaches strace to running processes for the length of `during`, or runs a program under it, and records its system calls. " +
    "Needs the right to trace: root (`become: true`) or the same user where Yama allows it. `calls` lists the first and last 5000; " +
    "`summary` and `count` are of all of them. `result` is a call's number, null for `?`; the whole line is `text`. `microseconds` " +
    "is wall time in the call. `ends` lists traced threads that ended meanwhile.",
  example: `strace: { process: nginx, calls: [accept4, read] }
during:
  - http: { get: "http://127.0.0.1:8080/marker" }
expect:
  read_here: result.calls.exists(c, c.text.contains("/marker"))`,
  spec,
  result,
  opened,
  during: (written) =>
    isJsonObject(written) && (written.for !== undefined || written.command !== undefined) ? "allowed" : "required",
  outline,
  observe,
  open,
  read: readTrace,
  async undo(written, context) {
    return await undoToken(token.parse(written), context);
  },
  view(_, { calls, summary, count, ends }) {
    const rows = summary.map(({ name, calls, errors, microseconds }) => [name, calls, errors, microseconds]);
    const shown = calls.slice(0, shownCalls).map(line);
    const left = count - shown.length;
    if (left > 0) shown.push(`… ${left} more calls …`);
    return [
      ...(ends.length === 0
        ? []
        : [
            tableBlock(
              ["thread", "exit code", "signal", "at"],
              ends.map((end) => [end.pid, end.code, end.signal, end.at]),
              "Ended while traced",
            ),
          ]),
      tableBlock(["call", "calls", "errors", "microseconds"], rows, `${count} system calls`),
      ...(shown.length === 0 ? [] : [{ type: "code" as const, language: "text" as const, text: shown.join("\n") }]),
    ];
  },
};
