import Handlebars from "handlebars/runtime";

/** A Handlebars template as `compile` makes it: functions over a runtime, with helpers and partials by their names. */
export interface Template {
  /** Revision and versions of Handlebars that the runtime has to be of. */
  readonly compiler: readonly [number, string];
  main(container: Container, context: unknown, helpers: object, ...more: readonly unknown[]): string;
}

/** What all functions of a template share while it is filled. */
interface Container {
  escapeExpression: (value: unknown) => string;
  helpers: object;
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
  // Handlebars wraps helpers to hand them what none of ours asks for, and copies an object for that at each call.
  let bare: object | null = null;
  const ours = (compiled: Template): Template => ({
    ...compiled,
    main(container, context, wrapped, ...more) {
      container.escapeExpression = escapeExpression;
      bare ??= { ...wrapped, ...helpers };
      container.helpers = bare;
      return compiled.main(container, context, bare, ...more);
    },
  });
  for (const [name, partial] of Object.entries(partials)) {
    environment.registerPartial(name, environment.template(ours(partial)));
  }
  return environment.template(ours(template));
}
