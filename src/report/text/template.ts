import Handlebars from "handlebars/runtime";

/** A Handlebars template as `compile` makes it: functions over a runtime, with helpers and partials by their names. */
export interface Template {
  /** Revision and versions of Handlebars that the runtime has to be of. */
  readonly compiler: readonly [number, string];
  readonly main: unknown;
}

/** A text that is markup already: what a helper returns for the page as it stands. */
export const markup = (text: string): Handlebars.SafeString => new Handlebars.SafeString(text);

export type Helper = (...values: never[]) => unknown;

/** The name of the helper through which `compile` passes each `{{…}}`. */
export const escapeName = "escaped";

/** Makes a compiled template ready to be filled. What its `{{…}}` give passes through `escapeText`. */
export function instantiate(
  template: Template,
  partials: Readonly<Record<string, Template>>,
  escapeText: (text: string) => string,
  helpers: Readonly<Record<string, Helper>>,
): (context: unknown) => string {
  const environment = Handlebars.create();
  environment.registerHelper(helpers as Record<string, Handlebars.HelperDelegate>); // delegates take and give anything
  environment.registerHelper(escapeName, (value: unknown) =>
    value instanceof Handlebars.SafeString
      ? value.toString()
      : value === null || value === undefined
        ? ""
        : escapeText(String(value)),
  );
  for (const [name, partial] of Object.entries(partials)) {
    environment.registerPartial(name, environment.template(partial));
  }
  return environment.template(template);
}
