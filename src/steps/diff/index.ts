import * as z from "zod";
import type { Block } from "../../model/block.js";
import type { EvidenceReader } from "../../model/evidence.js";
import type { Json } from "../../model/json.js";
import { type Opened, type StepContext, StepFailure, type StepKind, type StepKinds } from "../../model/step-kind.js";
import { CutText, type Value, type ValueObject } from "../../model/value.js";
import { outputBlock, wholeBytes } from "../output.js";
import { tableBlock } from "../rows.js";
import { compare } from "./compare.js";
import { type DiffResult, type DiffSpec, normalise, probeOf, probesAmong, result, specOf, writtenOf } from "./spec.js";
import { rowLine, steady, subjectOf, subjectOfProbe } from "./subject.js";

export { probeNames } from "./spec.js";

/** What a probe observed before and after `during`; null for the comparison of two values. */
type Compared = { readonly before: unknown; readonly after: unknown } | null;

/**
 * What changed between two readings of the same thing, or between two values.
 * @param kinds the kinds of which some can be probes
 */
export function createDiff(kinds: StepKinds): StepKind<DiffSpec, Compared, DiffResult> {
  const probes = probesAmong(kinds);
  return {
    name: "diff",
    doc:
      "What `during` changed: a probe is read before and after it, and rows are compared by `key`, or texts line by line. Without " +
      "`during`: two values, `left` and `right`. An element of `changed` has the row `before` and `after` and the `fields` that differ.",
    example: `id: opened
diff:
  sockets: { process: nginx, state: listening }
  key: [address, port]
during:
  - run: systemctl reload nginx
expect:
  one_more: size(result.added) == 1`,
    spec: specOf(probes),
    written: writtenOf(probes),
    result,
    opened: z.strictObject({}),
    during: (written) => (probeOf(probes, written) === null ? "none" : "required"),
    normalise: (written) => normalise(probes, written),
    outline(written) {
      const probe = probeOf(probes, written);
      if (probe === null) return { risk: "observe", tools: [], commands: [], changes: [] };
      const outline = probe.kind.outline(probe.spec as Json); // a part of what is written
      return { ...outline, commands: outline.commands.map((command) => `before and after: ${command}`) };
    },
    markAt(written) {
      const probe = probeOf(probes, written);
      return probe?.kind.markAt?.(probe.spec as Json) ?? null; // a part of what is written
    },
    async mark(spec, context) {
      const probe = probeOf(probes, spec);
      return (await probe?.kind.mark?.(probe.spec, context)) ?? null;
    },
    observe: async () => null,
    asksNobody: (spec) => probeOf(probes, spec) === null,
    readWith: ["key"],
    open: (spec, context) => open(spec, context),
    read,
    view,
  };

  async function open(spec: DiffSpec, context: StepContext): Promise<Opened<Compared>> {
    const probe = probeOf(probes, spec);
    if (probe === null) throw new Error("the language lets no diff of values have a during");
    const before = await reading("before");
    return {
      value: {},
      close: async () => ({ before, after: await reading("after") }),
    };

    async function reading(prefix: string): Promise<unknown> {
      if (probe === null) return null;
      const { observation, result } = await context.probe(probe.kind, probe.spec, prefix);
      const failed = probe.kind.failure?.(probe.spec, result) ?? null;
      if (failed !== null) throw new StepFailure(`the probe ${prefix} \`during\` failed: ${failed}`);
      return observation;
    }
  }

  async function read(spec: DiffSpec, compared: Compared, evidence: EvidenceReader): Promise<DiffResult> {
    const probe = probeOf(probes, spec);
    if (probe === null || compared === null) {
      const [left, right] = [spec.left, spec.right] as Value[]; // values of the runbook's names
      return bounded(
        compare(subjectOf(left ?? null), subjectOf(right ?? null), spec.key, { left: "left", right: "right" }),
      );
    }
    const of = async (observed: unknown): Promise<ReturnType<typeof subjectOfProbe>> =>
      subjectOfProbe(probe.kind.name, await probe.kind.read(probe.spec, observed, evidence));
    const sides = { left: "before", right: "after" };
    const before = await of(compared.before);
    const after = steady(probe.kind.name, before, await of(compared.after));
    return bounded(compare(before, after, spec.key, sides));
  }
}

/** The text of two large outputs that have nothing in common is as long as both. */
function bounded(difference: ReturnType<typeof compare>): DiffResult {
  const { text } = difference;
  if (Buffer.byteLength(text) <= wholeBytes) return difference;
  const bytes = Buffer.from(text);
  const part = 32 * 1024;
  const cut = new CutText(
    bytes.subarray(0, part).toString(),
    bytes.subarray(-part).toString(),
    bytes.length - 2 * part,
  );
  return { ...difference, text: cut };
}

function view(_: DiffSpec, { added, removed, changed, text }: DiffResult): readonly Block[] {
  const summary = `${added.length} added, ${removed.length} removed, ${changed.length} changed.`;
  return [
    { type: "text", text: summary },
    ...table("Added", added),
    ...table("Removed", removed),
    ...table(
      "Changed",
      changed.flatMap(({ before, after }) => [before, after]),
    ),
    ...(text === "" ? [] : text instanceof CutText ? outputBlock("diff", text) : [{ type: "diff", text } as const]),
  ];
}

/** Rows as a table; lines stand in the unified diff. */
function table(title: string, values: readonly Value[]): readonly Block[] {
  const rows = values.filter(isRow);
  const [first] = rows;
  if (first === undefined) return [];
  const columns = Object.keys(first);
  const alike = rows.every((row) => Object.keys(row).length === columns.length && columns.every((name) => name in row));
  if (!alike)
    return [
      tableBlock(
        ["row"],
        rows.map((row) => [rowLine(row)]),
        title,
      ),
    ];
  return [
    tableBlock(
      columns,
      rows.map((row) => columns.map((name) => row[name] ?? null)),
      title,
    ),
  ];
}

const isRow = (value: Value): value is ValueObject =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  !(value instanceof CutText);
