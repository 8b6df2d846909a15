import { z } from "zod";
import { argv, duration } from "../../model/fields.js";

export const spec = z
  .strictObject({
    exec: argv()
      .optional()
      .describe("A program and its arguments; it stands at its entry, and is ended after `during`."),
    package: z.string().min(1).optional().describe("A Go package on the host, built with -N -l; then as `exec`."),
    args: z.array(z.string()).optional().describe("Arguments for the program of `package`."),
    cwd: z.string().min(1).optional().describe("Working directory on the host."),
    max_stopped: duration()
      .optional()
      .describe("How long the program may stand still in all; no limit for a program that casebook started."),
  })
  .superRefine(({ exec, package: name, args }, context) => {
    const given = [exec, name].filter((way) => way !== undefined).length;
    if (given !== 1) {
      context.addIssue({ code: "custom", message: `expected exactly one of exec and package, found ${given} of them` });
    }
    if (args !== undefined && name === undefined) {
      context.addIssue({
        code: "custom",
        path: ["args"],
        message: "args belong to package: exec takes the arguments after the program in its list",
      });
    }
  });

export type DelveSpec = z.infer<typeof spec>;

export const opened = z.strictObject({ pid: z.int(), version: z.string() });

export const result = z.strictObject({
  version: z.string(),
  pid: z.int(),
  stopped_milliseconds: z.int(),
  stops: z.int(),
});

export type DelveResult = z.infer<typeof result>;
