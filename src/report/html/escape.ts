import { visible } from "../../util/visible.js";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The one way of a text into the page, as content or as a quoted attribute: hidden characters are shown, markup is none. */
export const escapeHtml = (text: string): string =>
  (needsVisible.test(text) ? visible(text) : text).replace(/[&<>"']/g, (character) => entities[character] ?? "");

/** Most texts are plain ASCII, which a narrow test tells much faster than the full one. */
const needsVisible = /[^\n\t -~]/;
