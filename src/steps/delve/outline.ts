import { isJsonObject, type Json } from "../../model/json.js";
import type { Outline, Tool } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";

const delve: Tool = {
  any: ["dlv"],
  packages: ["delve"],
  why: "the debugger of Go programs",
  version: ["version"],
  variable: "CASEBOOK_DLV",
};
const bash: Tool = { any: ["bash"], packages: ["bash"], why: "lets the program run on if casebook cannot" };
const perl: Tool = {
  any: ["perl"],
  packages: ["perl-base"],
  why: "carries what bash says to a socket in the file system",
};
const go: Tool = { any: ["go"], packages: ["golang-go"], why: "builds the package", version: ["version"] };

/** What would be stopped and for how long at most, or started. */
export function outline(written: Json): Outline {
  const fields = isJsonObject(written) ? written : {};
  const limit = fields.max_stopped === undefined ? null : String(fields.max_stopped);
  const { attach, process: name, wait_for: awaited, connect, core } = fields;
  if (attach !== undefined) return stops(`process ${attach}`, String(attach), limit);
  if (name !== undefined) return stops(`the one process with the name ${name}`, `$(pgrep -x ${name})`, limit);
  if (awaited !== undefined) return stops(`the program ${awaited} as soon as it runs`, `$(pgrep -x ${awaited})`, limit);
  if (connect !== undefined) {
    return {
      risk: "disrupt",
      tools: /^(unix:)?\//.test(String(connect)) ? [bash, perl] : [bash],
      commands: [`dlv connect ${connect}`],
      changes: [
        {
          what: `stops the program of the Delve at ${connect}, for at most ${limit ?? "10s"} in all if it runs`,
          undo: "clears its own breakpoints and leaves the program running if it ran; Delve and the program stay",
        },
      ],
    };
  }
  if (core !== undefined) {
    const program = fields.program === undefined ? "PROGRAM" : quoteWords([String(fields.program)]);
    return {
      risk: "perturb",
      tools: [delve],
      commands: [`dlv core ${program} ${quoteWords([String(core)])}`],
      changes: [{ what: "starts the debugger on a core file", undo: "ends it" }],
    };
  }
  return starts(fields, limit);
}

const stops = (what: string, pid: string, limit: string | null): Outline => ({
  risk: "disrupt",
  tools: [delve],
  commands: [`dlv attach ${pid}`],
  traces: "running",
  changes: [
    {
      what: `stops ${what}, for at most ${limit ?? "10s"} in all, about a second of it while Delve attaches`,
      undo: "lets go of it and checks that it runs, traced by nobody",
    },
  ],
});

function starts(fields: Readonly<Record<string, Json>>, limit: string | null): Outline {
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
  const standing = limit === null ? "" : `, which stands for at most ${limit} in all`;
  return {
    risk: "perturb",
    tools: isPackage ? [delve, go] : [delve],
    commands,
    traces: "own",
    changes: [{ what: `starts a program under the debugger${standing}`, undo: "ends both" }],
  };
}
