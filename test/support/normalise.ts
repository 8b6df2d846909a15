import type { Event } from "../../src/model/event.js";
import { isJsonObject, type Json } from "../../src/model/json.js";

/**
 * A report without what differs from run to run and from machine to machine, so that it can be compared with the one expected: times,
 * durations, digests, process ids, inodes, the host, the user, and `texts`.
 *
 * @param events the run's journal, which knows its processes and its host
 * @param texts what of this run stands for what: `[/tmp/x, scratch]`
 */
export function normalise(report: string, events: readonly Event[], texts: ReadonlyMap<string, string>): string {
  let normal = report;
  const known = [...hostTexts(events), ...texts].filter(([from]) => from !== "");
  for (const [from, to] of known.sort(([left], [right]) => right.length - left.length)) {
    normal = normal.replaceAll(from, `‹${to}›`);
  }
  for (const [pattern, to] of volatile) normal = normal.replace(pattern, to);
  for (const [number, name] of numbersOf(events)) {
    const alone = new RegExp(`(?<![\\w.]|\\d:)${number}(?![\\w.:]| (?:bytes|events|lines|rows))`, "g");
    normal = normal.replace(alone, `‹${name}›`);
  }
  // How often a wait looks depends on the machine.
  return normal.replace(
    /(```sh\ncat \/proc[^\n]*\n```\n\n)(?:\d+ times: )?(exit \d+ after ‹duration›)(?:, [^\n]*?)?(?= on `)/g,
    "$1$2",
  );
}

function* hostTexts(events: readonly Event[]): Generator<readonly [from: string, to: string]> {
  for (const event of events) {
    if (event.type !== "target-connected") continue;
    const { hostname, os, kernel, user, uid } = event.facts;
    yield [`\`${hostname}\``, "host"];
    yield [`(${hostname})`, "host"];
    yield [`(${hostname}, ${os})`, "host"];
    yield [os, "os"];
    yield [kernel, "kernel"];
    yield [`as \`${user}\` (uid ${uid})`, "user"];
    yield [`| By | \`${user}\``, "by"];
    yield [`| \`${user}\` |`, "user"];
    for (const { path } of event.tools) yield [`| \`${path}\` |`, "path"];
  }
}

/** Numbers that the kernel chose, by the names under which the journal holds them. */
function numbersOf(events: readonly Event[]): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const visit = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isJsonObject(value)) return;
    for (const [name, inner] of Object.entries(value)) {
      if (["pid", "ppid", "inode"].includes(name) && typeof inner === "number" && inner > 1) found.set(inner, name);
      else visit(inner);
    }
  };
  // Events are JSON as the journal holds it.
  for (const event of events) visit(event as unknown as Json);
  return found;
}

const volatile: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{64}\b/g, "‹sha256›"],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "‹uuid›"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, "‹time›"],
  [/\b\d{8}T\d{6}Z\b/g, "‹stamp›"],
  // A file as a mark tells it: its inode and when it was born.
  [/\b\d+:\d{10}\.\d{9}\b/g, "‹file›"],
  // A call as strace shows it: when, on which pipe, for how long; and the sum of these.
  [/\b\d\d:\d\d:\d\d\.\d{3}\b/g, "‹clock›"],
  [/(?<=\b\d<(?:pipe|socket):\[)\d+(?=\])/g, "‹number›"],
  [/<\d+\.\d{6}>/g, "<‹seconds›>"],
  [/(?<=^\| `\w+` \| `\d+` \| `\d+` \| )`\d+`(?= \|$)/gm, "`‹microseconds›`"],
  [/(?<![\w.])\+?\d+(?:\.\d+)? (?:ms|s|min)\b/g, "‹duration›"],
  // Where an executable holds what is read of it depends on who built it.
  [/(?<=od -An -v -tx1 )-j \d+ -N \d+/g, "‹range›"],
  [/`(?:Version: )?1\.\d\d\.\d+`/g, "‹delve›"],
  // Waits that look again and again make more of them.
  [/(?<=- Journal: )\d+ events/g, "‹events›"],
  [/casebook `\d+\.\d+\.\d+`/g, "casebook ‹version›"],
];
