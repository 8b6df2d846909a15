import * as z from "zod";
import { writtenIdentity } from "../../linux/written-identity.js";
import { command, duration, integer, pid } from "../../model/fields.js";
import { examinedBinary, text, time } from "../../model/result-fields.js";

/** What strace takes in `-e trace=`: names, `%classes`, `/regular expressions`; `!` before the first excludes. */
const callName = z.string().regex(/^!?[%?/]?[\w.*^$|+()[\]-]+$/, "expected a system call or a class such as %network");

export const spec = z
  .strictObject({
    pid: pid().optional().describe("Process to attach to."),
    process: z.string().min(1).optional().describe("Name of the processes to attach to, all that bear it."),
    command: command()
      .optional()
      .describe("A program to run under strace, from its first instruction; ended with the step."),
    calls: z
      .array(callName)
      .min(1)
      .optional()
      .describe("System calls or classes (`%network`) to record, `!` before the first excludes; all if absent."),
    follow: z.boolean().optional().describe("Threads and children too; true if absent."),
    strings: integer({ least: 0 }).optional().describe("Bytes shown of each string; 256 if absent."),
    for: duration().optional().describe("Detaches after this long, though `during` may go on."),
  })
  .superRefine(({ pid, process, command }, context) => {
    const given = [pid, process, command].filter((whom) => whom !== undefined).length;
    if (given === 1) return;
    const message = `expected exactly one of pid, process and command, found ${given === 0 ? "none" : given} of them`;
    context.addIssue({ code: "custom", message });
  });

export type StraceSpec = z.infer<typeof spec>;

const call = z
  .strictObject({
    at: time().nullable(),
    pid: z.int().nullable(),
    name: text(),
    args: z.array(z.string()).readonly(),
    result: z.int().nullable(),
    error: z.string().nullable(),
    microseconds: z.int().nullable(),
    text: text(),
  })
  .readonly();

export type CallRow = z.infer<typeof call>;

const summaryRow = z
  .strictObject({ name: z.string(), calls: z.int(), errors: z.int(), microseconds: z.int() })
  .readonly();

export type SummaryRow = z.infer<typeof summaryRow>;

const ending = z
  .strictObject({ at: time().nullable(), pid: z.int(), code: z.int().nullable(), signal: z.string().nullable() })
  .readonly();

export type EndingRow = z.infer<typeof ending>;

export const result = z.strictObject({
  calls: z.array(call).readonly(),
  summary: z.array(summaryRow).readonly(),
  count: z.int(),
  /** Traced threads that ended meanwhile. */
  ends: z.array(ending).readonly(),
  /** Some calls are not in `calls`, or the recording itself was cut. */
  truncated: z.boolean(),
  ...examinedBinary,
});

export type StraceResult = z.infer<typeof result>;

export const opened = z.strictObject({ pid: z.int().nullable(), pids: z.array(z.int()).readonly() });

/** What has to be put back: a tracer attached, or the program that was started to be traced. */
export const token = z.discriminatedUnion("what", [
  z.strictObject({ what: z.literal("attached"), tracer: writtenIdentity, traced: z.array(writtenIdentity) }),
  z.strictObject({ what: z.literal("started"), program: writtenIdentity }),
]);

export type Token = z.infer<typeof token>;

/** A program that was started to be traced ends like one of `start`. */
export const programEnding = { signal: "TERM", graceMilliseconds: 5000, kill: true } as const;

/** strace detaches on SIGTERM. SIGKILL does no harm either: the kernel detaches what a dead tracer held. */
export const tracerEnding = { signal: "TERM", graceMilliseconds: 10_000, kill: true } as const;
