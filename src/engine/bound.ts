import type { RichText } from "../model/rich-text.js";
import type { Binding, Step } from "../model/runbook.js";
import type { Condition, Scope, Template } from "../model/scope.js";
import { written } from "./rich.js";

/** A step whose texts and amounts were rendered. */
export interface Bound {
  readonly binding: Binding;
  readonly env: Readonly<Record<string, string>>;
  readonly title: RichText | null;
  readonly note: RichText | null;
  /** Milliseconds; null: none. */
  readonly timeout: number | null;
  readonly retry: { readonly times: number; readonly every: number; readonly until: Condition | null } | null;
}

type Rendered<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Fills values into all that a step has; fails with a sentence when one is missing or does not fit. */
export function bindStep(step: Step, scope: Scope): Rendered<Bound> {
  let fault: string | null = null;
  const take = <T>(what: string, template: Template<T> | null): T | null => {
    const rendered = written(template, scope)?.render(scope);
    if (rendered === undefined || rendered.ok) return rendered?.value ?? null;
    fault ??= what === "" ? rendered.message : `${what}: ${rendered.message}`;
    return null;
  };
  const env: Record<string, string> = {};
  for (const { name, value } of step.env) {
    const text = take(`env ${name}`, value);
    if (text !== null) env[name] = text;
  }
  const title = take("title", step.title);
  const note = take("note", step.note);
  const timeout = take("timeout", step.timeout.find((one) => written(one, scope) !== null) ?? null);
  const { retry } = step;
  const times = take("retry times", retry?.times ?? null);
  const every = take("retry every", retry?.every ?? null);
  const binding = take("", step.bind);
  if (fault !== null || binding === null) return { ok: false, message: fault ?? "nothing was written" };
  return {
    ok: true,
    value: {
      binding,
      env: { ...binding.exported, ...env },
      title,
      note,
      timeout,
      retry: retry === null ? null : { times: times ?? 1, every: every ?? 0, until: retry.until },
    },
  };
}
