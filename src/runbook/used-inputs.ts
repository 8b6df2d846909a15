import { isScalar } from "yaml";
import type { Json } from "../model/json.js";
import type { InputDeclaration, UsedRunbook } from "../model/runbook.js";
import { didYouMean } from "../util/near-miss.js";
import { expectedOf, parseInput, resolveInputs } from "./inputs.js";
import { entries, items, keyNode, type Loading, refuse, textOf, under } from "./loading.js";
import { scalarText } from "./located.js";
import { describe, type Part } from "./shape-check.js";
import { compileText } from "./template/template.js";

/** A runbook's inputs, and the file to name in messages. */
interface Declared {
  readonly file: string;
  readonly inputs: readonly InputDeclaration[];
}

/** Holds what a step gives against the inputs of the runbook that it uses; what is not known yet is looked at when it runs. */
export function givenInputs(loading: Loading, field: Part, { file, inputs }: Declared): void {
  const list = under(field, "inputs");
  const given = typeof field.value === "string" ? [] : entries(list);
  const known = inputs.map(({ name }) => name);
  for (const [name, value] of given) {
    const declaration = inputs.find((one) => one.name === name);
    if (declaration !== undefined) checkGiven(loading, declaration, value, file);
    else {
      const all = known.length === 0 ? "it has no inputs" : `its inputs: ${known.join(", ")}`;
      const message = `unknown input "${name}" of ${file}`;
      refuse(loading, "unknown-input", message, keyNode(list, name), didYouMean(name, known) ?? all);
    }
  }
  for (const declaration of inputs) {
    const { name, optional, about } = declaration;
    if (optional || declaration.default !== undefined || given.some(([one]) => one === name)) continue;
    const message = `input "${name}" of ${file} is missing: expected ${expectedOf(declaration)}${about === null ? "" : ` (${about})`}`;
    refuse(loading, "missing-input", message, field.node, `write inputs: { ${name}: … } beside "runbook"`);
  }
}

function checkGiven(loading: Loading, declaration: InputDeclaration, value: Part, file: string): void {
  const texts = textsOf(value);
  const templated = texts.filter(({ value: text }) => String(text).includes("{{"));
  const reads = templated.flatMap((text) => compileText(textOf(loading, text), loading.names).template?.reads ?? []);
  const secret = reads.some((path) => loading.secrets.has(path.split(/[.[]/)[0] ?? ""));
  const { name } = declaration;
  if (secret && !declaration.secret) {
    const message = `expected a value that may be shown, since input "${name}" of ${file} is no secret; found a secret`;
    refuse(loading, "secret-shown", message, value.node, `declare ${name} there with secret: true`);
  } else if (!secret && declaration.secret) {
    const message = `expected a secret of this runbook for input "${name}" of ${file}, found ${describe(value.value)}`;
    refuse(
      loading,
      "not-secret",
      message,
      value.node,
      "what a runbook says or shows is no secret; declare an input with secret: true",
    );
  } else if (templated.length === 0) {
    const written = isScalar(value.node) && value.value !== null ? scalarText(value.node) : value.value;
    const parsed = parseInput(declaration, written);
    if (!parsed.ok) refuse(loading, "bad-input", `input "${name}" of ${file}: ${parsed.message}`, value.node);
  }
}

/** The texts in a value, lists included. */
const textsOf = (part: Part): readonly Part[] =>
  typeof part.value === "string" ? [part] : items(part).flatMap(textsOf);

/** How a used runbook comes to its inputs. @param given what a field, filled in as far as possible, gives */
export function inputsOf(
  declarations: readonly InputDeclaration[],
  given: (outlined: Json) => Readonly<Record<string, Json>>,
): Pick<UsedRunbook, "inputs" | "known"> {
  return {
    inputs(values) {
      const resolved = resolveInputs(declarations, new Map(Object.entries(values)));
      if (resolved.ok) return resolved;
      return { ok: false, message: resolved.diagnostics.map(({ message }) => message).join("; ") };
    },
    known(outlined) {
      const values = Object.entries(given(outlined));
      const unknown = new Set(values.filter(([, value]) => JSON.stringify(value).includes("‹")).map(([name]) => name));
      const known = declarations.flatMap((declaration) => {
        const { name, optional, secret } = declaration;
        if (secret || unknown.has(name)) return [];
        const value = values.find(([one]) => one === name)?.[1] ?? null;
        const parsed = value === null ? null : parseInput(declaration, value);
        if (parsed?.ok === true) return [[name, parsed.value] as const];
        if (value !== null) return [];
        if (declaration.default !== undefined) return [[name, declaration.default] as const];
        return optional ? [[name, null] as const] : [];
      });
      return new Map(known);
    },
  };
}
