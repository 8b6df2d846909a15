import Handlebars from "handlebars";

/** A text that is markup already: what a helper returns for the page as it stands. */
export const markup = (text: string): Handlebars.SafeString => new Handlebars.SafeString(text);

export type Helper = (...values: never[]) => unknown;

/**
 * Compiles a Handlebars template whose `{{…}}` pass through `escapeText`. Handlebars escapes for HTML only, and that once for the whole
 * process; so each escaped mustache is rewritten into a call of our own. `{{{…}}}` stays raw, as in any template.
 */
export function compileTemplate(
  template: string,
  partials: Readonly<Record<string, string>>,
  escapeText: (text: string) => string,
  helpers: Readonly<Record<string, Helper>>,
): (context: unknown) => string {
  const environment = Handlebars.create();
  const names = new Set(Object.keys(helpers));
  environment.registerHelper(helpers as Record<string, Handlebars.HelperDelegate>); // delegates take and give anything
  environment.registerHelper(escapeName, (value: unknown) =>
    value instanceof Handlebars.SafeString
      ? value.toString()
      : value === null || value === undefined
        ? ""
        : escapeText(String(value)),
  );
  const options = { noEscape: true, preventIndent: true, knownHelpers: { [escapeName]: true } };
  for (const [name, text] of Object.entries(partials)) {
    environment.registerPartial(name, environment.compile(rewritten(environment.parse(text), names), options));
  }
  return environment.compile(rewritten(environment.parse(template), names), options);
}

const escapeName = "escaped";

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
