import Handlebars from "handlebars";
import { escapeName, type Template } from "./template.js";

/**
 * Compiles a Handlebars template for `instantiate`. Handlebars escapes for HTML only, and that once for the whole process; so each
 * escaped mustache is rewritten into a call of our own. `{{{…}}}` stays raw, as in any template. Throws what Handlebars says of a fault.
 *
 * @param helpers the names of all helpers, since a name alone may be a helper or a field
 */
export function compile(template: string, helpers: Iterable<string>): Template {
  const known = [escapeName, ...helpers].map((name) => [name, true] as const);
  const options = { noEscape: true, preventIndent: true, knownHelpers: Object.fromEntries(known) };
  const program = Handlebars.precompile(rewritten(Handlebars.parse(template), new Set(helpers)), options);
  // As Handlebars' own `compile` does with what it wrote. Every call tells its place in the template, which no helper asks.
  return new Function(`return ${String(program).replace(place, "")}`)();
}

const place = /,"loc":\{"start":\{"line":\d+,"column":\d+\},"end":\{"line":\d+,"column":\d+\}\}/g;

/** Compiles several by their names. */
export const compileAll = (
  templates: Readonly<Record<string, string>>,
  helpers: readonly string[],
): Readonly<Record<string, Template>> =>
  Object.fromEntries(Object.entries(templates).map(([name, template]) => [name, compile(template, helpers)]));

function rewritten(program: hbs.AST.Program, helpers: ReadonlySet<string>): hbs.AST.Program {
  return { ...program, body: program.body.map((statement) => rewriteStatement(statement, helpers)) };
}

function rewriteStatement(statement: hbs.AST.Statement, helpers: ReadonlySet<string>): hbs.AST.Statement {
  if (isMustache(statement)) return statement.escaped ? escapedMustache(statement, helpers) : statement;
  const inner: Record<string, hbs.AST.Program> = {};
  for (const branch of ["program", "inverse"] as const) {
    const program = (statement as Partial<hbs.AST.BlockStatement>)[branch]; // only blocks have them
    if (program !== undefined && program !== null) inner[branch] = rewritten(program, helpers);
  }
  return Object.assign({}, statement, inner);
}

const isMustache = (statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement =>
  statement.type === "MustacheStatement";

function escapedMustache(mustache: hbs.AST.MustacheStatement, helpers: ReadonlySet<string>): hbs.AST.MustacheStatement {
  const { path, params, hash, loc } = mustache;
  const name = path.type === "PathExpression" ? (path as hbs.AST.PathExpression).original : null; // its type says so
  const calls = params.length > 0 || hash !== undefined || (name !== null && helpers.has(name));
  const value = calls ? { type: "SubExpression", path, params, hash, loc } : path;
  const call: hbs.AST.PathExpression = {
    type: "PathExpression",
    data: false,
    depth: 0,
    parts: [escapeName],
    original: escapeName,
    loc,
  };
  const { hash: _, ...rest } = mustache;
  return { ...rest, path: call, params: [value as hbs.AST.Expression], escaped: false } as hbs.AST.MustacheStatement; // a call without named arguments has no hash
}
