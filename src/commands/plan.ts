import type { Command } from "commander";
import type { PlannedStep } from "../model/plan.js";
import type { Tool } from "../model/step-kind.js";
import { plan } from "../runbook/plan.js";
import { count } from "../util/measure.js";
import { visible, visibleLine } from "../util/visible.js";
import { exitCode } from "./exit-code.js";
import type { InputOptions } from "./inputs/given-inputs.js";
import { knownInputs } from "./inputs/known-inputs.js";
import type { Io } from "./io.js";
import { addInputOptions, collect } from "./options.js";
import { frames, readRunbook } from "./read-runbook.js";

interface Options extends InputOptions {
  readonly host?: readonly string[];
}

export function define(command: Command): void {
  addInputOptions(command.argument("<runbook>", "the runbook")).option(
    "--host <url>",
    "where it would run, as for run (default: local)",
    collect,
  );
}

/** Prints what a runbook would do with the inputs given; what is not known before it runs stands as `‹name›`. */
export async function execute(io: Io, file: string, options: Options): Promise<number> {
  const read = await readRunbook(io.cwd, file);
  if (!read.loaded.ok) {
    io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
    return exitCode.invalidRunbook;
  }
  const runbook = read.loaded.value;
  const planned = plan(runbook, await knownInputs(io, runbook, options));
  const allow = planned.risk === "observe" ? "" : `; to run it: --allow ${planned.risk}`;
  const hosts = (options.host ?? ["local"]).map(visibleLine).join(" and on ");
  const parts = [
    `${visibleLine(planned.title)}\n${visibleLine(file)}: ${count(planned.steps.length, "step")} on ${hosts}, risk ${planned.risk}${allow}`,
    ...(planned.question === null ? [] : [`Question: ${visible(planned.question).trim()}`]),
    planned.steps.map(describeStep).join("\n"),
    ...(planned.tools.length === 0 ? [] : [`The host needs\n${planned.tools.map(describeTool).join("\n")}`]),
  ];
  io.stdout.write(`${parts.join("\n\n")}\n`);
  return exitCode.ok;
}

function describeStep(step: PlannedStep): string {
  const left = "  ".repeat(step.depth);
  const name = step.title === null ? step.key : `${step.key} – ${visibleLine(step.title)}`;
  const risk = step.riskDeclared ? `${step.risk}, as declared` : step.risk;
  const lines = [
    ...conditionsOf(step),
    ...(step.looksUp === null ? [] : [`asks ${step.looksUp.service}, from this machine`]),
    ...(step.asks === null ? [] : [questionOf(step.asks)]),
    ...step.commands.flatMap((command) => visible(command).trimEnd().split("\n").map(prompted)),
    ...step.changes.flatMap(({ what, undo }) => [`changes: ${visibleLine(what)}`, `undone:  ${visibleLine(undo)}`]),
  ];
  const head = `${step.number.padStart(3)}  ${left}${step.kind} [${risk}] ${name}`;
  return [head, ...lines.map((line) => `     ${left}  ${line}`)].join("\n");
}

function questionOf({ prompt, choices, default: fallback }: NonNullable<PlannedStep["asks"]>): string {
  const answers = [
    ...(choices === null ? [] : [choices.map(visibleLine).join(", ")]),
    ...(fallback === null ? [] : [`default ${visibleLine(fallback)}`]),
  ].join("; ");
  return `asks: ${visibleLine(prompt)}${answers === "" ? "" : ` (${answers})`}`;
}

/** As a shell shows it: one prompt for each command, however many lines that has. */
const prompted = (line: string, index: number): string => `${index === 0 ? "$" : ">"} ${line}`;

function conditionsOf(step: PlannedStep): readonly string[] {
  return [
    ...(step.when === null ? [] : [`only when ${visibleLine(step.when)}`]),
    ...(step.forEach === null ? [] : [`for each ${step.forEach.name} of ${visibleLine(step.forEach.list)}`]),
    ...(step.attempts === null || step.attempts === "1" ? [] : [`at most ${visibleLine(step.attempts)} times`]),
    ...(step.timeout === null ? [] : [`for at most ${visibleLine(step.timeout)}`]),
    ...(step.become === null ? [] : [`as ${visibleLine(step.become)}, through sudo -n`]),
    ...(step.onFail === "continue" ? ["a failure is tolerated"] : []),
  ];
}

function describeTool({ any, packages, why, advisory }: Tool): string {
  const from = packages.length === 0 ? "" : `; Debian: ${packages.join(" or ")}`;
  return `  ${any.map(visibleLine).join(" or ")}: ${why}${from}${advisory ? " (not required)" : ""}`;
}
