import * as z from "zod";
import { command, mayHoldSecret, pid } from "../../model/fields.js";
import { re2 } from "../pattern.js";

const url = () => z.url({ protocol: /^https?$/, error: "expected a URL that begins with http:// or https://" });

const headers = mayHoldSecret(z.record(z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/), z.string().regex(/^[^\r\n]*$/)));

const methods = ["get", "put", "post", "delete"] as const;

/** A request; `$level` in its URL, headers and body stands for the level. */
const request = (about: string) =>
  z
    .strictObject({
      get: url().optional(),
      put: url().optional(),
      post: url().optional(),
      delete: url().optional(),
      headers: headers.optional(),
      body: mayHoldSecret(z.string()).optional(),
      json: mayHoldSecret(z.json()).optional(),
      insecure: z.boolean().optional(),
      pattern: oneGroup(re2()).optional().describe("For `get`: finds the level in the answer; one group around it."),
    })
    .superRefine((fields, context) => {
      const given = methods.filter((method) => fields[method] !== undefined).length;
      if (given === 1) return;
      context.addIssue({ code: "custom", message: `expected exactly one of ${methods.join(", ")}, found ${given}` });
    })
    .describe(about);

/** A group is counted by its parenthesis: one that does not begin `(?`, or begins `(?P<`; escapes and classes left aside. */
function oneGroup<T extends z.ZodType<string>>(schema: T) {
  return schema.superRefine((text, context) => {
    const bare = text.replace(/\\Q.*?\\E|\\.|\[\^?\]?(?:\\.|\[:[^\]]*:\]|[^\]])*\]/gs, "");
    const groups = bare.match(/\((?!\?)|\(\?P?</g)?.length ?? 0;
    if (groups === 1) return;
    const message = `expected one group around the level, found ${groups}: ${text}`;
    context.addIssue({ code: "custom", message });
  });
}

/** A level as text; a number counts as written. */
const level = () => z.union([z.string().min(1), z.int().transform(String)], { error: "expected a level" });

export const signals = ["HUP", "USR1", "USR2", "WINCH", "TTIN", "TTOU"] as const;

const signalName = () =>
  z
    .string()
    .transform((name) => name.toUpperCase().replace(/^SIG/, ""))
    .pipe(z.enum(signals));

const ways = ["klog", "zap", "http", "command", "file", "signal"] as const;

export const spec = z
  .strictObject({
    klog: url().optional().describe("Server that takes `PUT /debug/flags/v`, as Kubernetes' programs do."),
    zap: url().optional().describe('Where zap\'s AtomicLevel answers `GET` and `PUT` with `{"level": …}`.'),
    http: z
      .strictObject({
        get: request("Reads the level: the answer's text, its JSON `level`, or what `pattern` finds.").optional(),
        set: request("Sets it; `$level` stands for the level."),
      })
      .optional()
      .describe("Any other requests; a URL alone is a GET, or a PUT of the level."),
    command: z
      .strictObject({
        get: command().optional().describe("Prints the level as the last line."),
        set: command().describe("Sets it to `$level`."),
      })
      .optional()
      .describe("Commands on the host, such as a program's own client."),
    file: z
      .strictObject({
        path: z.string().min(1).describe("Configuration file on the host."),
        pattern: oneGroup(re2()).describe(
          "RE2 pattern that matches exactly once, `^` and `$` at lines; one group around the level.",
        ),
        reload: command().optional().describe("Makes the program read the file again."),
      })
      .optional()
      .describe("A level in a configuration file; every other byte stays as it is."),
    signal: z
      .strictObject({
        pid: pid().optional().describe("The process that gets them."),
        process: z.string().min(1).optional().describe("Its name instead, where one process bears it."),
        up: signalName().describe("Raises the level by one: `USR1`."),
        down: signalName().describe("Lowers it by one: `USR2`."),
      })
      .optional()
      .describe("Levels are integers here, and `was` is needed: nothing can be read."),
    to: level().describe("The level for the length of `during`."),
    was: level().optional().describe("The level before, where it cannot be read."),
  })
  .superRefine((fields, context) => {
    const issue = (message: string, path: string[] = []) => context.addIssue({ code: "custom", message, path });
    const given = ways.filter((way) => fields[way] !== undefined);
    if (given.length !== 1) {
      issue(`expected exactly one of ${ways.join(", ")}, found ${given.length === 0 ? "none" : given.join(" and ")}`);
    }
    const { signal, http, command, was, to } = fields;
    if (was === undefined && http !== undefined && http.get === undefined) issue("expected `was`, or `get` in http");
    if (was === undefined && command !== undefined && command.get === undefined)
      issue("expected `was`, or `get` in command");
    if (signal === undefined) return;
    if (was === undefined) issue("expected `was`: a level that signals change cannot be read", ["was"]);
    if ((signal.pid === undefined) === (signal.process === undefined)) issue("expected pid or process", ["signal"]);
    for (const [name, value] of Object.entries({ to, was })) {
      if (value !== undefined && !/^-?\d{1,4}$/.test(value)) issue("expected an integer with `signal`", [name]);
    }
    if (Math.abs(Number(to) - Number(was ?? to)) > 20) issue("expected at most 20 steps from `was`", ["to"]);
  });

export type LogLevelSpec = z.infer<typeof spec>;

export type LevelRequest = NonNullable<NonNullable<LogLevelSpec["http"]>["get"]>;

export type LevelSignal = (typeof signals)[number];

export const requestMethods = methods;

export const result = z.strictObject({
  before: z.string().nullable(),
  during: z.string(),
  after: z.string().nullable(),
  restored: z.boolean(),
  how_known: z.enum(["read", "declared"]),
});

export type LogLevelResult = z.infer<typeof result>;

export const opened = z.strictObject({ before: z.string().nullable(), during: z.string() });
