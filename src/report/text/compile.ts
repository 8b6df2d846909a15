import Handlebars from "handlebars";
import type { Template } from "./template.js";

/**
 * Compiles a Handlebars template for `instantiate`. Throws what Handlebars says of a fault in it.
 *
 * @param helpers the names of all helpers, where the template calls no other: its calls are then told from its fields ahead
 */
export function compile(template: string, helpers?: readonly string[]): Template {
  const known = Object.fromEntries(helpers?.map((name) => [name, true]) ?? []);
  const options = { preventIndent: true, knownHelpers: known, knownHelpersOnly: helpers !== undefined };
  const program = String(Handlebars.precompile(template, options));
  return new Function(`return ${withoutWaste(program)}`)(); // as Handlebars' own `compile` does with what it wrote
}

/** Each call of a helper makes objects that say where it stands in the template, which no helper asks, and that it has no named arguments. */
const withoutWaste = (program: string): string =>
  program
    .replace(/,"loc":\{"start":\{"line":\d+,"column":\d+\},"end":\{"line":\d+,"column":\d+\}\}/g, "")
    .replaceAll('"hash":{}', '"hash":container.nullContext');

/** Compiles several by their names. */
export const compileAll = (
  templates: Readonly<Record<string, string>>,
  helpers: readonly string[],
): Readonly<Record<string, Template>> =>
  Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, compile(template, helpers)]));
