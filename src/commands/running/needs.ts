import type { Lookup } from "../../model/lookup.js";
import type { PlannedStep } from "../../model/plan.js";
import type { StepKinds, Tool } from "../../model/step-kind.js";
import { fieldRows } from "../field-table.js";

/** What a runbook asks of a host. `needed` is false where the failure of every step that asks for it is tolerated. */
export interface Needs {
  readonly tools: readonly { readonly tool: Tool; readonly needed: boolean }[];
  /** Users that steps run as, besides casebook's own. */
  readonly users: readonly { readonly user: string; readonly needed: boolean }[];
  /** Who traces what. `user` null: casebook's own. */
  readonly traces: readonly {
    readonly user: string | null;
    readonly traces: "running" | "own";
    readonly needed: boolean;
  }[];
  /** Variables of casebook's own environment with which steps look something up, and which are to be masked. */
  readonly ownSecrets: readonly string[];
}

/** Pure. */
export function needsOf(steps: readonly PlannedStep[]): Needs {
  const needing = withTolerance(steps);
  return {
    tools: merged(
      needing.flatMap(({ step, needed }) =>
        step.tools.map((tool) => ({ tool, needed: needed && tool.advisory !== true })),
      ),
      ({ tool }) => tool.any.join(" "),
    ),
    users: merged(
      needing.flatMap(({ step, needed }) => (step.become === null ? [] : [{ user: step.become, needed }])),
      ({ user }) => user,
    ),
    traces: merged(
      needing.flatMap(({ step, needed }) =>
        step.traces === null ? [] : [{ user: step.become, traces: step.traces, needed }],
      ),
      ({ user, traces }) => `${traces} ${user ?? ""}`,
    ),
    ownSecrets: [...new Set(steps.flatMap(({ looksUp }) => secretNames(looksUp?.variables ?? [])))],
  };
}

const secretNames = (variables: Lookup["variables"]): readonly string[] =>
  variables.flatMap(({ name, secret }) => (secret ? [name] : []));

/** What all kinds together can use, whichever of their fields is written; no runbook needs all of it. */
export function needsOfKinds(kinds: StepKinds): Needs {
  const tools = [...kinds.values()].flatMap((kind) => {
    const fields = fieldRows(kind.spec, "input").map(({ name }) => ({ [name]: `‹${name}›` }));
    return [{}, ...fields].flatMap((written) => kind.outline(written).tools);
  });
  return {
    tools: merged(
      tools.filter(({ advisory }) => advisory !== true).map((tool) => ({ tool, needed: false })),
      ({ tool }) => tool.any.join(" "),
    ),
    users: [{ user: "root", needed: false }],
    traces: [{ user: null, traces: "running", needed: false }],
    ownSecrets: [],
  };
}

/** A step inside an instrument whose failure is tolerated ends at most that. */
function withTolerance(
  steps: readonly PlannedStep[],
): readonly { readonly step: PlannedStep; readonly needed: boolean }[] {
  const tolerated: boolean[] = [];
  return steps.map((step) => {
    tolerated.length = step.depth;
    tolerated.push(step.onFail === "continue");
    return { step, needed: !tolerated.includes(true) };
  });
}

/** Each once; needed when one of them is. */
function merged<T extends { readonly needed: boolean }>(all: readonly T[], key: (one: T) => string): readonly T[] {
  const found = new Map<string, T>();
  for (const one of all) {
    const known = found.get(key(one));
    if (known === undefined || (one.needed && !known.needed)) found.set(key(one), one);
  }
  return [...found.values()];
}
