import { RE2JS, RE2JSSyntaxException } from "re2js";
import * as z from "zod";
import { isJsonObject } from "../model/json.js";
import type { InputDeclaration } from "../model/runbook.js";
import type { Value } from "../model/value.js";
import { parseInput } from "./inputs.js";
import { entries, keyNode, type Loading, type Read, readAs, readKeys, refuse, under } from "./loading.js";
import { inputKeys } from "./shape.js";
import type { Part } from "./shape-check.js";
import { rangeOf } from "./tree.js";
import { dyn, type Type } from "./type.js";

/** `inputs`: their names enter the namespace, their defaults are checked against their types. */
export function loadInputs(loading: Loading, part: Part): readonly InputDeclaration[] {
  return entries(part).flatMap(([name, input]) => {
    const place = loading.tree.source.place(...rangeOf(keyNode(part, name)));
    if (!loading.names.declare(name, "an input", place, null, loading.diagnostics)) return [];
    const declaration = loadInput(loading, name, input, place);
    loading.names.define(name, declaration === null ? dyn : typeOf(declaration));
    if (declaration?.secret === true) loading.secrets.add(name);
    return declaration === null ? [] : [declaration];
  });
}

/** null, with diagnostics, when too little of it can be understood to use it. */
function loadInput(
  loading: Loading,
  name: string,
  part: Part,
  place: InputDeclaration["place"],
): InputDeclaration | null {
  // `name:` alone declares a required text.
  const read = part.value === null && !loading.tree.spoilt.has(part.node) ? {} : readKeys(loading, part, inputKeys);
  const type = read.type ?? "string";
  checkKeys(loading, part, read, type);
  const checked = {
    name,
    place,
    about: read.about ?? null,
    type,
    choices: read.choices ?? [],
    optional: read.optional ?? false,
    pattern: readPattern(loading, part, read.pattern),
    secret: read.secret ?? false,
  };
  if (isJsonObject(part.value) && Object.hasOwn(part.value, "type") && read.type === undefined) return null;
  return { ...checked, default: readDefault(loading, part, checked) };
}

function checkKeys(loading: Loading, part: Part, read: Read<typeof inputKeys>, type: InputDeclaration["type"]): void {
  if (
    type === "choice" &&
    read.choices === undefined &&
    isJsonObject(part.value) &&
    !Object.hasOwn(part.value, "choices")
  ) {
    refuse(
      loading,
      "missing-choices",
      '"choices" is missing: expected the values of the choice',
      under(part, "type").node,
      "choices: [one, other]",
    );
  }
  if (type !== "choice" && read.choices !== undefined) {
    refuse(
      loading,
      "not-together",
      `"choices" belongs to the type "choice", found the type "${type}"`,
      keyNode(part, "choices"),
      "type: choice",
    );
  }
  if (read.secret !== true) return;
  if (type !== "string") {
    const message = `a secret is a string, found the type "${type}"`;
    refuse(loading, "not-together", message, keyNode(part, "secret"), "remove one of both");
  }
  if (read.default !== undefined) {
    const message = "a secret has no default: it would stand in the file for all to read";
    refuse(loading, "secret-default", message, keyNode(part, "default"), "remove the default");
  }
}

function readPattern(loading: Loading, part: Part, pattern: string | undefined): string | null {
  if (pattern === undefined) return null;
  try {
    RE2JS.compile(pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    refuse(loading, "bad-pattern", `"pattern": expected an RE2 pattern: ${error.message}`, under(part, "pattern").node);
    return null;
  }
}

function readDefault(loading: Loading, part: Part, declaration: Omit<InputDeclaration, "default">): Value | undefined {
  const written = isJsonObject(part.value) && Object.hasOwn(part.value, "default") ? under(part, "default") : null;
  if (written === null || loading.tree.spoilt.has(written.node)) return undefined;
  if (written.value === null) {
    const hint = "an input that may be without a value is optional: true";
    refuse(loading, "null-value", '"default": expected a value, found nothing', written.node, hint);
    return undefined;
  }
  const wantsText = ["string", "path", "choice", "duration"].includes(declaration.type);
  const raw =
    wantsText && !isJsonObject(written.value)
      ? (readAs(loading, written, z.string(), "default") ?? null)
      : written.value;
  if (raw === null || declaration.secret || (declaration.type === "choice" && declaration.choices.length === 0))
    return undefined;
  if (declaration.type === "list" && typeof raw === "string" && !raw.trimStart().startsWith("[")) {
    refuse(loading, "wrong-type", `"default": expected a list, found ${JSON.stringify(raw)}`, written.node, `[${raw}]`);
    return undefined;
  }
  const parsed = parseInput(declaration, raw);
  if (parsed.ok) return parsed.value;
  refuse(loading, "bad-default", `"default": ${parsed.message}`, written.node);
  return undefined;
}

function typeOf({ type }: InputDeclaration): Type {
  switch (type) {
    case "string":
    case "path":
    case "choice":
      return { kind: "string" };
    case "integer":
    case "duration":
    case "size":
      return { kind: "int" };
    case "number":
      return { kind: "double" };
    case "boolean":
      return { kind: "bool" };
    case "list":
      return { kind: "list", of: dyn };
    default:
      return type satisfies never;
  }
}
