import { placeholder, type RichText } from "../model/rich-text.js";
import type { Scope, Template } from "../model/scope.js";

/** null for a text that counts as not written, because it is one mustache of a null. */
export function written<T>(text: Template<T> | null, scope: Scope): Template<T> | null {
  return text?.notWritten?.(scope) === true ? null : text;
}

/** A text that must be shown even where a value in it is missing: it then names the value. */
export function rich(text: Template<RichText>, scope: Scope): RichText {
  const found = text.render(scope);
  if (found.ok) return found.value;
  return found.partial ?? { markdown: placeholder(0), values: [text.outline(scope)] };
}
