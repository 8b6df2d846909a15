import * as z from "zod";
import { argv, duration, pid } from "../../model/fields.js";
import { examinedBinary } from "../../model/result-fields.js";

/** The ways to a program, one of which a step names. */
export const ways = ["attach", "process", "wait_for", "exec", "package", "connect", "core"] as const;

export const spec = z
  .strictObject({
    attach: pid().optional().describe("Pid of a Go program that runs; it runs on, and is never ended."),
    process: z.string().min(1).optional().describe("Name of the one process to attach to; then as `attach`."),
    wait_for: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Name of a program that is waited for until it runs, until the step's `timeout`; then as `attach`. Looked for by its name, " +
          "fifty times a second with any Delve, and its Go version before it is stopped: it runs for a moment first. To debug a " +
          "program from its first instruction on, start it with `exec`.",
      ),
    exec: argv()
      .optional()
      .describe("A program and its arguments; it stands at its entry, and is ended after `during`."),
    package: z.string().min(1).optional().describe("A Go package on the host, built with -N -l; then as `exec`."),
    args: z.array(z.string()).optional().describe("Arguments for the program of `package`."),
    connect: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Address of a headless Delve that somebody started with --accept-multiclient, `127.0.0.1:2345` or a socket's path; neither it nor its program is ended.",
      ),
    core: z.string().min(1).optional().describe("A core file on the host."),
    program: z
      .string()
      .min(1)
      .optional()
      .describe("The executable that `core` is of; absent: the one that the core file names."),
    cwd: z.string().min(1).optional().describe("Working directory on the host."),
    max_stopped: duration()
      .optional()
      .describe(
        "How long the program may stand still in all, the attach included; 10 s for a program that was running, no limit for one that " +
          "casebook started. Used up, casebook lets it go and the step fails.",
      ),
  })
  .superRefine((written, context) => {
    const given = ways.filter((way) => written[way] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? "none of them" : given.join(" and ");
      context.addIssue({
        code: "custom",
        message: `expected exactly one of ${ways.slice(0, -1).join(", ")} and ${ways.at(-1)}, found ${found}`,
      });
    }
    if (written.cwd !== undefined && written.exec === undefined && written.package === undefined) {
      context.addIssue({ code: "custom", path: ["cwd"], message: "cwd is for a program that exec or package starts" });
    }
    if (written.program !== undefined && written.core === undefined) {
      context.addIssue({ code: "custom", path: ["program"], message: "program is the executable of a core file" });
    }
    if (written.args !== undefined && written.package === undefined) {
      context.addIssue({
        code: "custom",
        path: ["args"],
        message: "args belong to package: exec takes the arguments after the program in its list",
      });
    }
  });

export type DelveSpec = z.infer<typeof spec>;

const debugInformation = z
  .boolean()
  .describe("false: the program is stripped, so there are stacks, but no variables and no goroutines.");

export const opened = z.strictObject({
  pid: z.int(),
  version: z.string(),
  debug_information: debugInformation,
  ...examinedBinary,
});

export const result = z.strictObject({
  version: z.string(),
  pid: z.int(),
  stopped_milliseconds: z.int(),
  stops: z.int(),
  debug_information: debugInformation,
  ...examinedBinary,
});

export type DelveResult = z.infer<typeof result>;
