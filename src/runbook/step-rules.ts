import { isJsonObject } from "../model/json.js";
import { exceeds, highest } from "../model/risk.js";
import type { Step } from "../model/runbook.js";
import type { AnyStepKind } from "../model/step-kind.js";
import { riskOfAll } from "../model/step-risk.js";
import type { Draft } from "./draft.js";
import { keyNode, type Loading, refuse, under } from "./loading.js";

/** Kinds of the enclosing instruments, outermost first; null for one that is not known. */
export type Instruments = readonly (AnyStepKind | null)[];

/** Keys that do not go together, or not with the step's kind or place. */
export function checkTogether(loading: Loading, draft: Draft, instruments: Instruments): void {
  const { kind, part, keys } = draft;
  const written = isJsonObject(part.value) ? part.value : {};
  if (Object.hasOwn(written, "during")) {
    for (const key of ["for_each", "retry"] as const) {
      if (!Object.hasOwn(written, key)) continue;
      refuse(
        loading,
        "not-together",
        `"${key}" and "during" cannot stand in one step`,
        keyNode(part, key),
        `put "${key}" on a step inside`,
      );
    }
  }
  if (kind === null) return;
  for (const key of kind.nests === undefined ? [] : (["become", "env"] as const)) {
    if (!Object.hasOwn(written, key)) continue;
    const message = `"${key}" is the business of the runbook that "${kind.name}" runs`;
    refuse(loading, "not-together", message, keyNode(part, key), "write it in the steps of that runbook");
  }
  const field = kind.during === undefined ? null : under(part, draft.kindKey ?? kind.name).value;
  const rule = kind.during?.(kind.normalise?.(field) ?? field) ?? "none";
  if (rule === "none" && Object.hasOwn(written, "during")) {
    const instrumentNames = [...loading.kinds.values()]
      .filter((other) => other.during !== undefined)
      .map(({ name }) => name);
    const hint =
      instrumentNames.length === 0 || kind.during !== undefined
        ? "move the steps out of it"
        : `instruments are ${instrumentNames.join(", ")}`;
    const written = kind.during === undefined ? `"${kind.name}"` : `"${kind.name}" with these fields`;
    refuse(
      loading,
      "not-an-instrument",
      `${written} is not open while other steps run: it cannot have "during"`,
      keyNode(part, "during"),
      hint,
    );
  }
  if (rule === "required" && keys.during === undefined && !Object.hasOwn(written, "during")) {
    const message = `"during" is missing: "${kind.name}" is open while the steps in it run`;
    refuse(loading, "missing-during", message, keyNode(part, draft.kindKey ?? kind.name));
  }
  if (kind.inside !== undefined && !instruments.some((outer) => outer === null || kind.inside?.includes(outer.name))) {
    const wanted = kind.inside.map((name) => `"${name}"`).join(" or ");
    const message = `expected "${kind.name}" inside the "during" of ${wanted}, found it outside`;
    refuse(loading, "not-inside", message, keyNode(part, draft.kindKey ?? kind.name));
  }
  const nearest = instruments.findLastIndex((outer) => kind.inside?.includes(outer?.name ?? "") === true);
  const between = instruments.slice(nearest + 1).find((outer) => kind.notInside?.includes(outer?.name ?? "") === true);
  if (nearest !== -1 && between !== undefined && between !== null) {
    const message = `"${kind.name}" cannot stand inside the "during" of "${between.name}": that lets the program run meanwhile`;
    refuse(
      loading,
      "inside",
      message,
      keyNode(part, draft.kindKey ?? kind.name),
      `put it before or after "${between.name}"`,
    );
  }
}

/** A step can raise the risk that its kind sees in it; only some kinds let it be lowered. */
export function checkRisk(
  loading: Loading,
  { kind, keys, part }: Draft,
  written: Step["written"] | undefined,
  uses: Step["uses"],
): void {
  if (kind === null || keys.risk === undefined || written === undefined || kind.riskMayBeLowered === true) return;
  const risk = highest([kind.outline(written).risk, riskOfAll(uses?.runbook.steps ?? [])]);
  if (!exceeds(risk, keys.risk)) return;
  const message = `expected a risk of at least "${risk}", which "${kind.name}" has here, found "${keys.risk}"`;
  refuse(loading, "risk-lowered", message, under(part, "risk").node, "a step can only raise its risk");
}
