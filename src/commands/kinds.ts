import type { Command } from "commander";
import * as z from "zod";
import type { AnyStepKind, StepKinds } from "../model/step-kind.js";
import { kindNames, loadKinds } from "../steps/index.js";
import { didYouMean } from "../util/near-miss.js";
import { wrap } from "../util/wrap.js";
import { exitCode } from "./exit-code.js";
import { elementRows, type FieldRow, fieldRows } from "./field-table.js";
import type { Io } from "./io.js";
import { UsageError } from "./usage-error.js";

const width = 100;

export function define(command: Command): void {
  command.argument("[kind]", "show this kind's fields, its result and an example");
}

/** Prints all step kinds, or everything about one. */
export async function execute(io: Io, name: string | undefined): Promise<number> {
  if (name === undefined) {
    io.stdout.write(`${list(await loadKinds(kindNames))}\n`);
    return exitCode.ok;
  }
  const kind = (await loadKinds([name])).get(name);
  if (kind === undefined) {
    const hint = didYouMean(name, kindNames) ?? "`casebook kinds` lists them";
    throw new UsageError(`expected a step kind, found "${name}": ${hint}`);
  }
  io.stdout.write(`${describe(kind)}\n`);
  return exitCode.ok;
}

function list(kinds: StepKinds): string {
  const longest = Math.max(...kindNames.map((name) => name.length));
  return [...kinds.values()]
    .map(({ name, doc }) => wrap(firstSentence(doc), width, " ".repeat(longest + 2), name.padEnd(longest + 2)))
    .join("\n");
}

const firstSentence = (text: string): string => /^[\s\S]*?\.(?=\s|$)/.exec(text)?.[0] ?? text;

function describe(kind: AnyStepKind): string {
  const fields = fieldRows(kind.spec, "input");
  return [
    `${kind.name}\n${"=".repeat(kind.name.length)}`,
    wrap(kind.doc, width, ""),
    fields.length > 0 ? section("Fields", fields, true) : wrap(`Takes: ${specLine(kind)}`, width, ""),
    section("Each is one of", elementRows(kind.spec), true),
    ...(kind.opened === undefined
      ? []
      : [section("Inside `during`, the id holds", fieldRows(kind.opened, "output"), false)]),
    section("Result", fieldRows(kind.result, "output"), false),
    `Example\n\n${indent(kind.example.trimEnd())}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function specLine(kind: AnyStepKind): string {
  const { description } = z.toJSONSchema(kind.spec, { io: "input", unrepresentable: "any" });
  return description ?? "see the example.";
}

function section(title: string, rows: readonly FieldRow[], marked: boolean): string {
  return rows.length === 0 ? "" : `${title}\n\n${table(rows, marked, "  ")}`;
}

function table(rows: readonly FieldRow[], marked: boolean, margin: string): string {
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const left = margin + " ".repeat(longest + 2);
  return rows
    .flatMap(({ name, type, required, about, inner }) => [
      wrap(`${type}${marked && required ? " (required)" : ""}`, width, left, `${margin}${name.padEnd(longest + 2)}`),
      ...(about === "" ? [] : [wrap(about, width, left)]),
      ...(inner.length === 0 ? [] : [table(inner, marked, `${left}  `)]),
    ])
    .join("\n");
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");
