import type { Block } from "../../model/block.js";
import { toJson, type Value } from "../../model/value.js";
import { tableBlock } from "../rows.js";
import type { CatchResult, CatchSpec, Hit } from "./spec.js";

/** Different stacks that a report shows. */
const shownStacks = 50;

/** Characters of a value in a table. */
const cellLength = 120;

/** Characters of an object among several results. */
const briefLength = 60;

const endings: Readonly<Record<CatchResult["ended_by"], string>> = {
  during: "the steps inside were done",
  count: "enough hits were caught",
  until: "the condition of until held",
  for: "the time was up",
  exit: "the program ended",
  aborted: "it was interrupted",
};

/** A table of hits, then their stacks, each once and folded. */
export function view(spec: CatchSpec, { hits, count, not_returned, lost, ended_by }: CatchResult): readonly Block[] {
  const rows = hits.map((hit, index) => ({ hit, number: isGap(hit) ? null : numberOf(hits, index, count) }));
  const names = Object.keys(spec.read ?? {});
  const returned = hits.some((hit) => hit.returned !== null);
  const sockets = hits.some((hit) => hit.socket !== null || noSocketWasGiven(hit));
  const table = tableBlock(
    [
      "hit",
      "goroutine",
      ...(spec.at.length > 1 ? ["function"] : []),
      "caller",
      ...names,
      ...(returned ? ["returned"] : []),
      ...(sockets ? ["socket"] : []),
      "stood still",
    ],
    rows.map(({ hit, number }) =>
      number === null
        ? ["…"]
        : [
            number,
            hit.goroutine,
            ...(spec.at.length > 1 ? [hit.location.function] : []),
            hit.caller?.function ?? null,
            ...names.map((name) => short(hit.values[name])),
            ...(returned ? [returnedText(hit)] : []),
            ...(sockets ? [socketText(hit)] : []),
            `${hit.stopped_milliseconds} ms`,
          ],
    ),
  );
  const facts = [
    { label: "Caught", value: `${count} ${count === 1 ? "hit" : "hits"} at ${spec.at.join(", ")}` },
    { label: "Lost", value: String(lost) },
    ...(not_returned === 0 ? [] : [{ label: "Not returned", value: `${not_returned}, still in the call at the end` }]),
    { label: "Ended when", value: endings[ended_by] },
  ];
  return [{ type: "facts", facts }, ...(count === 0 ? [] : [table]), ...stacks(rows)];
}

interface Numbered {
  readonly hit: Hit;
  readonly number: number | null;
}

/** Of a function that should have given one. */
const noSocketWasGiven = ({ returned, no_socket }: Hit): boolean =>
  returned !== null && no_socket !== null && !no_socket.endsWith(" returns no socket");

const isGap = (hit: Hit): boolean => typeof hit.goroutine !== "number";

/** Hits behind the gap are counted from the end. */
function numberOf(hits: readonly Hit[], index: number, count: number): number {
  const gapAt = hits.findIndex(isGap);
  return gapAt === -1 || index < gapAt ? index + 1 : count - (hits.length - 1 - index);
}

function stacks(rows: readonly Numbered[]): readonly Block[] {
  const groups = new Map<string, { readonly hit: Hit; readonly numbers: number[] }>();
  for (const { hit, number } of rows) {
    if (number === null || hit.stack.length === 0) continue;
    const key = hit.stack.map((frame) => `${frame.function}:${frame.line}`).join();
    const group = groups.get(key) ?? { hit, numbers: [] };
    group.numbers.push(number);
    groups.set(key, group);
  }
  const shown = [...groups.values()].slice(0, shownStacks);
  const left = groups.size - shown.length;
  return [
    ...shown.map(({ hit: { stack, caller, created_by }, numbers }): Block => {
      const frames = stack.map((frame) => ({
        ...frame,
        marked: frame.function === caller?.function && frame.line === caller.line,
      }));
      const created = created_by === null ? "" : `; goroutine created by ${created_by.function}`;
      return { type: "stack", title: `Stack of ${hitsText(numbers)}${created}`, frames, folded: true };
    }),
    ...(left > 0 ? [{ type: "text" as const, text: `${left} more stacks are in the evidence.` }] : []),
  ];
}

function hitsText(numbers: readonly number[]): string {
  const [first = 0] = numbers;
  if (numbers.length === 1) return `hit ${first}`;
  const listed = numbers.slice(0, 5).join(", ");
  return numbers.length > 5 ? `hits ${listed}, … (${numbers.length} hits)` : `hits ${listed}`;
}

/** A listener's insides say nothing that its socket does not say better; the result holds them. */
function returnedText({ returned }: Hit): Value {
  if (returned === null) return null;
  return Object.entries(returned)
    .map(([name, value]) => `${name}: ${brief(value)}`)
    .join(", ");
}

function brief(value: Value): string {
  const text = short(value);
  if (value === null || typeof text !== "string") return String(text);
  return typeof value === "object" && text.length > briefLength ? "{…}" : text;
}

function socketText({ socket, no_socket }: Hit): string {
  if (socket === null) return `– (${no_socket ?? "none"})`;
  const { protocol, state, address, port, peer_address, peer_port, fd, inode } = socket;
  const local = endpoint(address, port);
  const peer = state === "listening" || peer_port === 0 ? "" : ` → ${endpoint(peer_address, peer_port)}`;
  return `${protocol} ${state} ${local}${peer} (fd ${fd}, inode ${inode})`;
}

const endpoint = (address: string, port: number): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

function short(value: Value | undefined): Value {
  if (value === undefined || value === null || typeof value === "number" || typeof value === "boolean")
    return value ?? null;
  const json = toJson(value);
  const text = typeof json === "string" ? json : JSON.stringify(json);
  return text.length > cellLength ? `${text.slice(0, cellLength)}…` : text;
}
