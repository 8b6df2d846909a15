import { writeFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import type { Command } from "commander";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { UsageError } from "./usage-error.js";

export function define(command: Command): void {
  command.argument("<file>", "file to write; it ends in .yaml and must not exist yet");
}

/** Writes a commented runbook that passes `check`. Never overwrites. */
export async function execute(io: Io, file: string): Promise<number> {
  if (extname(file) !== ".yaml") throw new UsageError(`a runbook's file ends in .yaml; found ${file}`);
  try {
    await writeFile(resolve(io.cwd, file), template(titleOf(file)), { flag: "wx" });
  } catch (error) {
    throw unwritable(file, error);
  }
  io.stdout.write(`${file} is written. Next:\n  casebook check ${file}\n  casebook run ${file}\n`);
  return exitCode.ok;
}

function unwritable(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return new UsageError(`${file} exists already and is left as it is`);
  if (code === "ENOENT" || code === "ENOTDIR") return new UsageError(`the folder of ${file} does not exist`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new UsageError(`${file} may not be written by this user`);
  return error;
}

/** A title that is certainly a YAML text: words of letters and digits, in quotes. */
function titleOf(file: string): string {
  const words = basename(file, ".yaml").match(/[\p{L}\p{N}]+/gu) ?? ["runbook"];
  const title = words.join(" ");
  return `"${title.slice(0, 1).toUpperCase()}${title.slice(1)}"`;
}

const template = (title: string): string => `\
# A runbook: what to look at, in which order, and what the findings mean. Check it with \`casebook check\`,
# see what it would do with \`casebook plan\`, run it with \`casebook run\`. \`casebook kinds\` lists the kinds of steps.
# For completion in an editor: \`casebook schema > runbook.schema.json\`, then make this the first line:
#   yaml-language-server: $schema=runbook.schema.json
casebook: 1
title: ${title}
question: Is anything besides {{expected}} listening on TCP port {{port}}?

# Inputs are given as \`-i port=8080\`. One without a default that is not optional is asked for.
inputs:
  port:
    about: The TCP port in question.
    type: integer
    default: 22
  expected:
    about: Name of the process that should hold it.
    default: sshd

# What could be the case. Expectations below speak for them (supports) or against them (refutes).
hypotheses:
  as_expected: Only {{expected}} listens there.
  somebody_else: Another process listens there.

steps:
  - note: |
      ## What is known
      A note is Markdown. Names of inputs, of steps and of saved values stand in double braces: {{port}}.

  # The id names a step's result: \`listeners.sockets\` in conditions, {{listeners.sockets}} in texts.
  - id: listeners
    title: Who listens on {{port}}?
    sockets: { port: "{{port}}", state: listening, protocol: tcp }
    # save gives values names. Conditions are CEL; \`result\` is what this step found.
    save:
      holders: result.sockets.map(s, s.process)
    # An expectation that is not met is a finding, not a failure.
    expect:
      held: { that: size(holders) > 0 }
      expected_only: { that: "size(holders) > 0 && holders.all(name, name == expected)", supports: [as_expected] }
      others: { that: "holders.exists(name, name != expected)", supports: [somebody_else], refutes: [as_expected] }

  # In a shell text, names are environment variables: "$port", never braces.
  - id: kernel
    title: Which system is this?
    run: uname -srm; echo "asked about port $port"
    # \`when\` runs the step only if the condition holds.
    when: size(holders) > 0

# The first rule that holds gives the answer; without one the question is undecided.
verdict:
  - answer: somebody_else
    when: listeners.expect.others
    says: "These processes listen on {{port}}: {{holders}}."
    advice: Ask the owner of the process what it is for.
  - answer: as_expected
    when: listeners.expect.expected_only
    says: Only {{expected}} listens on {{port}}.
  - answer: undecided
    says: Nobody listens on {{port}}, or the holder cannot be seen by this user.

# What this runbook does not look at, so that nobody takes silence for an answer.
not_examined: [UDP sockets, other network namespaces]
`;
