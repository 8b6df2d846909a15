import * as z from "zod";
import { integer } from "../../model/fields.js";

/** What a goroutine can be selected or grouped by; the numbers are Delve's. */
export const goroutineFields = {
  curloc: 1,
  userloc: 2,
  goloc: 3,
  startloc: 4,
  label: 5,
  running: 6,
  user: 7,
} as const;

const breakCommand = z.strictObject({
  at: z.string().min(1).describe("A function, `file:line`, or another location of Delve's."),
  where: z.string().min(1).optional().describe("A Go expression, tested by Delve: it stops only where it is true."),
});

const goroutinesCommandOf = <Count extends z.ZodType>(count: Count) =>
  z.strictObject({
    at: z
      .string()
      .min(1)
      .optional()
      .describe("Only those with a frame there: a function, or `file:line`. `print` is read in that frame."),
    stack: count.optional().describe("How many frames of each to show."),
    print: z.array(z.string().min(1)).optional().describe("Expressions to read in each."),
    with: z
      .string()
      .regex(/^(running|user|(curloc|userloc|goloc|startloc|label)\s+\S.*)$/s, {
        error: "expected running, user, or curloc, userloc, goloc, startloc or label and what to look for",
      })
      .optional()
      .describe("Delve's own filter: `running`, `user`, `userloc main.wait`, `startloc …`, `label key=value`."),
    group_by: z
      .enum(["curloc", "userloc", "goloc", "startloc", "running", "user"])
      .optional()
      .describe("Counts them by a place instead, which is cheap for thousands."),
    limit: count.optional().describe("How many to show; 100 if absent."),
  });

const plain = () => z.literal(true);

const commandOf = <Count extends z.ZodType>(count: Count) =>
  z
    .strictObject({
      break: breakCommand.optional().describe("Sets a breakpoint."),
      clear: z
        .strictObject({ at: z.string().min(1).optional() })
        .optional()
        .describe("Removes the breakpoint that was set there, or all."),
      continue: plain().optional().describe("Lets the program run until it comes to a breakpoint."),
      next: plain().optional().describe("Runs to the next line of the same function."),
      step: plain().optional().describe("Runs to the next line, also into a function."),
      step_out: plain().optional().describe("Runs until the function returns."),
      halt: plain().optional().describe("Stops the program."),
      print: z.array(z.string().min(1)).min(1).optional().describe("Reads Go expressions."),
      args: plain().optional().describe("Reads the function's arguments."),
      locals: plain().optional().describe("Reads the function's local variables."),
      stack: count.optional().describe("Reads the goroutine's stack, this many frames; 50 if no number is given."),
      goroutine: count.optional().describe("Switches to the goroutine with this id."),
      goroutines: goroutinesCommandOf(count).optional().describe("Lists goroutines."),
      source: z
        .strictObject({ at: z.string().min(1).optional() })
        .optional()
        .describe("Shows the source around the current line, or around a place."),
    })
    .superRefine((written, context) => {
      // An unknown command has been refused by its name already.
      if (context.issues.length > 0) return;
      const given = Object.values(written).filter((value) => value !== undefined).length;
      if (given !== 1) context.addIssue({ code: "custom", message: `expected one command, found ${given}` });
    });

const command = commandOf(integer({ least: 1 }));

export type Command = z.infer<typeof command>;
export type GoroutinesCommand = NonNullable<Command["goroutines"]>;

/** A command before the run: where a number is not known yet stands `‹name›`. */
export const plannedCommand = commandOf(z.union([integer({ least: 1 }), z.string()]));

export type PlannedCommand = z.infer<typeof plannedCommand>;

export const spec = z
  .array(command)
  .min(1)
  .describe(
    "Commands of the debugger, in order. One that takes `true` is written as its name alone; where `at` is all, a text will do: `break: net.Listen`.",
  );

export type DebugSpec = z.infer<typeof spec>;
