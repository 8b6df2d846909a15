import { pattern } from "../model/fields.js";
import { compileRe2 } from "../util/re2.js";

/** An RE2 pattern that compiles. */
export const re2 = () =>
  pattern().superRefine((text, context) => {
    const compiled = compileRe2(text);
    if (compiled.ok) return;
    context.addIssue({
      code: "custom",
      message: `expected an RE2 pattern, found one with an error: ${compiled.message}`,
    });
  });
