import { attach, defaultBudgetMilliseconds } from "../../delve/attach.js";
import { execute, type Launched } from "../../delve/launch.js";
import { buildPackage } from "../../delve/package.js";
import { delveSession } from "../../delve/session.js";
import { undo } from "../../delve/token.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { Opened, Outline, StepContext, StepKind, Tool } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import { type DelveResult, type DelveSpec, opened, result, spec } from "./spec.js";

async function open(spec: DelveSpec, context: StepContext): Promise<Opened<DelveResult>> {
  const { session, end } = await enter(spec, context);
  const { pid, version } = session;
  return {
    value: { pid, version },
    offers: [{ key: delveSession, value: session }],
    broken: session.broken,
    async close(signal) {
      const { stops, stoppedMilliseconds } = session;
      await end(signal);
      return { version, pid, stopped_milliseconds: stoppedMilliseconds, stops };
    },
  };
}

async function enter(spec: DelveSpec, context: StepContext): Promise<Launched> {
  const cwd = spec.cwd ?? null;
  const budget = spec.max_stopped ?? null;
  if (spec.attach !== undefined) {
    return await attach({ pid: spec.attach, budget: budget ?? defaultBudgetMilliseconds }, context);
  }
  const argv = spec.exec ?? [await buildPackage(spec.package ?? "", cwd, context), ...(spec.args ?? [])];
  return await execute({ argv, cwd, budget }, context);
}

function outline(written: Json): Outline {
  const fields = isJsonObject(written) ? written : {};
  const delve: Tool = { any: ["dlv"], packages: ["delve"], why: "the debugger of Go programs", version: ["version"] };
  const go: Tool = { any: ["go"], packages: ["golang-go"], why: "builds the package", version: ["version"] };
  if (fields.attach !== undefined) {
    const longest = fields.max_stopped === undefined ? "10s" : String(fields.max_stopped);
    return {
      risk: "disrupt",
      tools: [delve],
      commands: [`dlv attach ${fields.attach}`],
      traces: "running",
      changes: [
        {
          what: `stops process ${fields.attach}, for at most ${longest} in all`,
          undo: "lets go of it and checks that it runs, traced by nobody",
        },
      ],
    };
  }
  const isPackage = fields.package !== undefined;
  const name = String(fields.package ?? "");
  const argv = (Array.isArray(fields.exec) ? fields.exec : [fields.exec ?? ""]).map(String); // not known yet: `‹exec›`
  const args = Array.isArray(fields.args) ? fields.args.map(String) : [];
  const program = isPackage ? [name, ...args] : argv;
  const [first = "", ...rest] = program;
  const commands = [
    ...(isPackage ? [`go build -gcflags 'all=-N -l' ${quoteWords([name])}`] : []),
    ["dlv exec", quoteWords([first]), ...(rest.length === 0 ? [] : ["--", quoteWords(rest)])].join(" "),
  ];
  return {
    risk: "perturb",
    tools: isPackage ? [delve, go] : [delve],
    commands,
    traces: "own",
    changes: [{ what: "starts a program under the debugger", undo: "ends both" }],
  };
}

/** Holds a program under the Delve debugger for the length of `during`. */
export const delve: StepKind<DelveSpec, DelveResult, DelveResult> = {
  name: "delve",
  doc:
    "Holds a Go program under the Delve debugger for the length of `during`. `exec` and `package` start one, which stands at its entry and is " +
    "ended afterwards with everything it started. `attach` takes one that runs: it is stopped while Delve attaches (about a second), runs on " +
    "until a stop, and is never ended; afterwards it is checked that it runs and is traced by nobody. `debug` steps inside work with it.",
  example: `id: session
delve: { exec: [/usr/local/bin/kubelet, --v=2] }
during:
  - debug: [break: net.Listen, continue, print: [network, address]]`,
  spec,
  result,
  opened,
  during: () => "required",
  outline,
  open,
  read: async (_, observed) => observed,
  undo,
  view: (_, { version, pid, stopped_milliseconds, stops }) => [
    {
      type: "facts",
      facts: [
        { label: "Delve", value: version },
        { label: "Process", value: String(pid) },
        { label: "Stops", value: String(stops) },
        { label: "Stood still", value: `${stopped_milliseconds} ms in all` },
      ],
    },
  ],
};
