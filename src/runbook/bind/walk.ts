import type { Diagnostic } from "../../model/diagnostic.js";
import { isJsonObject, type Json } from "../../model/json.js";
import { plain } from "../../model/rich-text.js";
import type { Condition, Template } from "../../model/scope.js";
import type { AnyStepKind } from "../../model/step-kind.js";
import type { Value } from "../../model/value.js";
import { compileCondition } from "../condition.js";
import type { Located } from "../located.js";
import type { NameTable } from "../names.js";
import type { ShellName } from "../shell-names.js";
import { compileRich, compileValue } from "../template/template.js";
import { describeType, type Type, typeOfSchema } from "../type.js";
import { type Alternative, alternatives, below, type Spot } from "./schema.js";
import { checkShellText, mayMention } from "./shell.js";
import { stepNameFault } from "./step-name.js";

export type FieldPath = readonly (string | number)[];

/** A step's field as a tree of what is fixed and what is filled in. */
export type Field =
  | { readonly kind: "fixed"; readonly value: Json }
  | {
      readonly kind: "filled";
      readonly template: Pick<Template<Value>, "reads" | "outline" | "render">;
      readonly written: string;
      /** One mustache: null counts as not written. */
      readonly lone: boolean;
      readonly type: Type;
      /** A list of arguments: its elements become texts. */
      readonly list: boolean;
      readonly spot: Spot;
    }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Field])[] }
  | { readonly kind: "list"; readonly items: readonly Field[] };

interface Walked {
  readonly field: Field;
  readonly reads: ReadonlySet<string>;
  readonly mentions: readonly ShellName[];
  readonly templatedPaths: readonly FieldPath[];
  /** By their path, joined with dots. */
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What `walkField` works from; `locate` finds a text of the normalised field in the file. */
export interface FieldSource {
  readonly kind: AnyStepKind;
  readonly locate: (path: FieldPath) => Located;
  readonly names: NameTable;
  readonly secrets: ReadonlySet<string>;
}

/** Walks a step's field beside the kind's spec and compiles each text by its role (model/fields.ts). */
export function walkField(written: Json, { kind, locate, names, secrets }: FieldSource): Walked {
  const reads = new Set<string>();
  const mentions: ShellName[] = [];
  const templatedPaths: FieldPath[] = [];
  const conditions = new Map<string, Condition>();
  const diagnostics: Diagnostic[] = [];

  const report = (code: string, message: string, source: Located, hint?: string | null): void => {
    diagnostics.push({ severity: "error", code, message, place: source.place(), ...(hint != null && { hint }) });
  };

  const walk = (value: Json, spot: Spot, path: FieldPath): Field => {
    if (typeof value === "string") return text(value, spot, path);
    if (value === null || typeof value !== "object") return { kind: "fixed", value };
    const options = alternatives(spot);
    if (options.some(({ role }) => role === "literal" || role === "input")) return { kind: "fixed", value };
    if (isJsonObject(value)) {
      const keys = Object.keys(value);
      const entries = keys.map(
        (key) => [key, walk(value[key] ?? null, below(spot, key, keys), [...path, key])] as const,
      );
      return { kind: "object", entries };
    }
    if (!options.some(({ role }) => role === "command" || role === "argv")) {
      return { kind: "list", items: value.map((item, index) => walk(item, below(spot, index), [...path, index])) };
    }
    const items = value.map((item, index): Field => {
      if (typeof item !== "string") return walk(item, { schemas: [], mayHoldSecret: false }, [...path, index]);
      return filled(item, { schemas: [], mayHoldSecret: false, argument: true }, [...path, index], "argv");
    });
    return { kind: "list", items };
  };

  const text = (value: string, spot: Spot, path: FieldPath): Field => {
    const options = alternatives(spot);
    // What else a place takes beside a duration decides what a text there is.
    const marked = options.find(({ role }) => role !== null && role !== "duration");
    const here: Spot = { ...spot, mayHoldSecret: options.some(({ mayHoldSecret }) => mayHoldSecret) };
    switch (marked?.role) {
      case undefined:
      case null:
      case "secret":
      case "pattern":
      case "duration":
        return filled(value, here, path, "field");
      case "literal":
        return { kind: "fixed", value };
      case "input":
        return isLone(value)
          ? filled(value, { ...here, mayHoldSecret: true }, path, "field")
          : { kind: "fixed", value };
      case "condition":
        return conditionText(value, path);
      case "step":
        return value.includes("{{") ? filled(value, here, path, "field") : stepName(value, options, path);
      case "command":
        return isLone(value) ? argumentList(value, here, path) : shellText(value, path);
      case "argv":
        return argumentList(value, here, path);
      case "rich":
        return richText(value, here, path);
    }
  };

  /** A templated text; `use` says where a secret would show up. */
  const filled = (value: string, spot: Spot, path: FieldPath, use: "field" | "argv", list = false): Field => {
    if (!value.includes("{{")) return { kind: "fixed", value };
    const source = locate(path);
    const compiled = compileValue(source, names);
    diagnostics.push(...compiled.diagnostics);
    templatedPaths.push(path);
    const { template, lone, type } = compiled;
    if (template === null) return { kind: "fixed", value };
    for (const read of template.reads) reads.add(read);
    refuseSecrets(template.reads, source, spot, use);
    return { kind: "filled", template, written: value, lone, type, list, spot };
  };

  const refuseSecrets = (read: readonly string[], source: Located, spot: Spot, use: "field" | "argv"): void => {
    const secret = read.map((path) => path.split(".")[0] ?? "").find((name) => secrets.has(name));
    if (secret === undefined || spot.mayHoldSecret) return;
    const where =
      use === "argv" ? "an argument, which every user of the host can see" : "this field, which is shown as it is";
    const hint = `a secret may stand in env, in http headers and bodies, and as "$${secret}" in shell texts`;
    report(
      use === "argv" ? "secret-in-argv" : "secret-in-field",
      `expected no secret here, found ${secret} in ${where}`,
      source,
      hint,
    );
  };

  const argumentList = (value: string, spot: Spot, path: FieldPath): Field => {
    const field = filled(value, { ...spot, mayHoldSecret: false }, path, "argv", true);
    if (field.kind !== "filled") return field;
    const { type, lone } = field;
    if (!lone || (type.kind !== "list" && type.kind !== "dyn" && type.kind !== "null")) {
      const found = lone ? `${value.trim()}, which is ${describeType(type)}` : "a text";
      const hint = 'a command for a shell is a text that mentions "$name"; a list runs without one';
      report(
        "wrong-type",
        `expected a list of arguments, or one mustache that yields a list; found ${found}`,
        locate(path),
        hint,
      );
    }
    return field;
  };

  const shellText = (value: string, path: FieldPath): Field => {
    if (!mayMention(value)) return { kind: "fixed", value };
    const checked = checkShellText(locate(path), names, kind.variables);
    diagnostics.push(...checked.diagnostics);
    mentions.push(...checked.mentions);
    for (const { name } of checked.mentions) reads.add(name);
    return { kind: "fixed", value };
  };

  const conditionText = (value: string, path: FieldPath): Field => {
    const own = Object.entries(kind.conditionNames?.(written) ?? {}).map(
      ([name, schema]) => [name, typeOfSchema(schema)] as const,
    );
    const source = locate(path);
    const compiled = compileCondition(source, { ...names, types: new Map([...names.types, ...own]) });
    diagnostics.push(...compiled.diagnostics);
    const { condition, type } = compiled;
    if (condition !== null && !["bool", "dyn", "null"].includes(type.kind)) {
      report("wrong-type", `expected a condition that is true or false, found ${describeType(type)}`, source);
    }
    if (condition !== null) conditions.set(path.join("."), condition);
    const ownNames = new Set(own.map(([name]) => name));
    for (const read of condition?.reads ?? []) if (!ownNames.has(read.split(/[.[]/)[0] ?? "")) reads.add(read);
    return { kind: "fixed", value };
  };

  const stepName = (value: string, options: readonly Alternative[], path: FieldPath): Field => {
    const fault = stepNameFault(value, options, locate(path), names);
    if (fault !== null) diagnostics.push(fault);
    return { kind: "fixed", value };
  };

  const richText = (value: string, spot: Spot, path: FieldPath): Field => {
    const compiled = compileRich(locate(path), names);
    diagnostics.push(...compiled.diagnostics);
    if (value.includes("{{")) templatedPaths.push(path);
    const { template } = compiled;
    if (template === null) return { kind: "fixed", value };
    for (const read of template.reads) reads.add(read);
    const asText: Pick<Template<Value>, "reads" | "outline" | "render"> = {
      reads: template.reads,
      outline: template.outline,
      render(scope) {
        const rendered = template.render(scope);
        return rendered.ok ? { ok: true, value: plain(rendered.value) } : rendered;
      },
    };
    return {
      kind: "filled",
      template: asText,
      written: value,
      lone: false,
      type: { kind: "string" },
      list: false,
      spot,
    };
  };

  const field = walk(written, { schemas: [kind.spec], mayHoldSecret: false }, []);
  return { field, reads, mentions, templatedPaths, conditions, diagnostics };
}

/** One mustache around a path, and nothing else. */
const isLone = (text: string): boolean => /^\{\{~?\s*[a-z][a-z0-9_]*(?:\.[^\s{}]+)*\s*~?\}\}$/.test(text);
