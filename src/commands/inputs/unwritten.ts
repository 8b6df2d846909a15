import type { InputDeclaration, Runbook } from "../../model/runbook.js";
import { toJson, type Value } from "../../model/value.js";
import type { InputOptions } from "./given-inputs.js";

/**
 * Options that give what a command line does not: inputs of the environment and of the person who was asked. With them it does the same
 * where these are not. Secrets are left out, and what an option cannot give: a text that begins with `@`.
 */
export function unwrittenInputs(
  { inputs }: Runbook,
  values: ReadonlyMap<string, Value>,
  { i = [], inputs: file, ofHost = new Map() }: InputOptions,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const written = new Set(i.map((option) => option.slice(0, option.indexOf("="))));
  const mayBeAsked = file === undefined && ofHost.size === 0;
  return inputs.flatMap(({ name, type, secret, optional, default: fallback }) => {
    const value = values.get(name) ?? null;
    const asked = mayBeAsked && fallback === undefined && !optional;
    const outside = asked || env[`CASEBOOK_INPUT_${name.toUpperCase()}`] !== undefined;
    if (secret || value === null || !outside || written.has(name) || ofHost.has(name)) return [];
    const text = typeof value === "string" ? value : `${JSON.stringify(toJson(value))}${units[type] ?? ""}`;
    return text.startsWith("@") ? [] : ["-i", `${name}=${text}`];
  });
}

/** Of values that are numbers and are written with a unit. */
const units: Readonly<Partial<Record<InputDeclaration["type"], string>>> = { duration: "ms", size: "B" };
