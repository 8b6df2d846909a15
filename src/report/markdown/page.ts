import { compile, compileAll } from "../text/compile.js";
import { markdownHelpers } from "./helpers.js";
import { markdownPartials } from "./partials.js";
import { markdownTemplate } from "./template.js";

// Compiling takes longer than filling: the bundle has what this file exports, and no compiler (scripts/precompiled-pages.mjs).
const helpers = Object.keys(markdownHelpers);

/** The Markdown page's template. */
export const template = compile(markdownTemplate, helpers);

/** The parts that it and templates in its place may use. */
export const partials = compileAll(markdownPartials, helpers);
