import { compile, compileAll } from "../text/compile.js";
import { htmlHelpers } from "./helpers.js";
import { htmlPartials } from "./partials.js";
import { htmlTemplate } from "./template.js";

// Compiling takes longer than filling: the bundle has what this file exports, and no compiler (scripts/precompiled-pages.mjs).
const helpers = Object.keys(htmlHelpers());

/** The HTML page's template. */
export const template = compile(htmlTemplate, helpers);

/** The parts that it and templates in its place may use. */
export const partials = compileAll(htmlPartials, helpers);
