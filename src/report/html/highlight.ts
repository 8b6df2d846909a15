import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import go from "highlight.js/lib/languages/go";
import http from "highlight.js/lib/languages/http";
import json from "highlight.js/lib/languages/json";
import yaml from "highlight.js/lib/languages/yaml";
import { visible } from "../../util/visible.js";
import { escapeHtml } from "./escape.js";

const languages = { sh: bash, bash, shell: bash, go, json, yaml, http } as const;

const highlighter = hljs.newInstance();
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language);

/** A longer text is not worth the time. */
const longest = 10_000;

/**
 * Code that somebody wrote, never what was captured, as HTML with classes `hljs-…`. highlight.js escapes the text itself
 * (https://highlightjs.readthedocs.io/en/latest/api.html#highlight); hidden characters are shown before.
 */
export function highlighted(code: string, language: string): string {
  if (!Object.hasOwn(languages, language) || code.length > longest) return escapeHtml(code);
  return highlighter.highlight(visible(code), { language, ignoreIllegals: true }).value;
}
