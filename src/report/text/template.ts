import Handlebars from "handlebars/runtime";

/** A Handlebars template as `compile` makes it: functions over a runtime, with helpers and partials by their names. */
export interface Template {
  /** Revision and versions of Handlebars that the runtime has to be of. */
  readonly compiler: readonly [number, string];
  /** @param container what all functions of the template share */
  main(container: { escapeExpression(value: unknown): string }, ...given: readonly unknown[]): string;
}

/** A text that is markup already: what a helper returns for the page as it stands. */
export const markup = (text: string): Handlebars.SafeString => new Handlebars.SafeString(text);

export type Helper = (...values: never[]) => unknown;

/**
 * Makes a compiled template ready to be filled. What its `{{…}}` give passes through `escapeText`: Handlebars itself escapes for HTML
 * only, and that once for the whole process. `{{{…}}}` stays raw, as in any template.
 */
export function instantiate(
  template: Template,
  partials: Readonly<Record<string, Template>>,
  escapeText: (text: string) => string,
  helpers: Readonly<Record<string, Helper>>,
): (context: unknown) => string {
  const environment = Handlebars.create();
  environment.registerHelper(helpers as Record<string, Handlebars.HelperDelegate>); // delegates take and give anything
  const escapeExpression = (value: unknown): string => {
    if (typeof value === "string") return escapeText(value);
    if (value instanceof Handlebars.SafeString) return value.toString();
    return value === null || value === undefined ? "" : escapeText(String(value));
  };
  const escaping = (compiled: Template): Template => ({
    ...compiled,
    main(container, ...given) {
      container.escapeExpression = escapeExpression;
      return compiled.main(container, ...given);
    },
  });
  for (const [name, partial] of Object.entries(partials)) {
    environment.registerPartial(name, environment.template(escaping(partial)));
  }
  return environment.template(escaping(template));
}
