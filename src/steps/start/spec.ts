import * as z from "zod";
import { writtenIdentity } from "../../linux/written-identity.js";
import { argv, duration, port } from "../../model/fields.js";
import { text } from "../../model/result-fields.js";
import type { Ending } from "../../model/target.js";
import { re2 } from "../pattern.js";

const signals = ["TERM", "INT", "HUP", "QUIT", "KILL", "USR1", "USR2"] as const satisfies readonly Ending["signal"][];

const ready = z
  .strictObject({
    port: port().optional().describe("A TCP port on which the program, or a child of it, listens."),
    log: re2().optional().describe("RE2 pattern that a line of its output matches."),
    http: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("URL that answers with a status below 500."),
    within: duration().optional().describe("How long that may take; 30 s if absent."),
  })
  .superRefine(({ port, log, http }, context) => {
    const given = [port, log, http].filter((way) => way !== undefined).length;
    if (given === 1) return;
    context.addIssue({ code: "custom", message: `expected exactly one of port, log and http, found ${given} of them` });
  });

export type Ready = z.infer<typeof ready>;

export const spec = z.strictObject({
  command: argv().describe("The program and its arguments."),
  cwd: z.string().min(1).optional().describe("Working directory on the host."),
  ready: ready.optional().describe("What shows that it can be used; `during` begins only then. Absent: at once."),
  stop: z
    .string()
    .transform((name) => name.toUpperCase().replace(/^SIG/, ""))
    .pipe(z.enum(signals))
    .optional()
    .describe("Signal that ends it after `during`; TERM if absent. SIGKILL follows after 5 s."),
});

export type StartSpec = z.infer<typeof spec>;

export const result = z.strictObject({
  pid: z.int(),
  exit_code: z.int().nullable(),
  stdout: text(),
  stderr: text(),
  truncated: z.boolean(),
});

export type StartResult = z.infer<typeof result>;

export const opened = z.strictObject({ pid: z.int() });

export const endingOf = (spec: StartSpec): Ending => ({
  signal: spec.stop ?? "TERM",
  graceMilliseconds: 5000,
  kill: true,
});

/** What suffices to end the program from another process. */
export const token = z.strictObject({
  ...writtenIdentity.shape,
  signal: z.enum(signals),
  grace_milliseconds: z.int().nonnegative(),
});

export type Token = z.infer<typeof token>;
