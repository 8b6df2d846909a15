import { splitLines } from "../util/lines.js";
import { decodeUtf8 } from "../util/utf8.js";

/** A line longer than this is no line of /proc that is read here. */
const lineBytes = 4 * 1024 * 1024;

/** The line by which a script says which part of its output follows; longer than any name a process can give itself. */
const mark = (name: string): string => `=== casebook: ${name}`;

/** Shell text that begins a part of the output. */
export const beginSection = (name: string): string => `echo '${mark(name)}'`;

/**
 * Shell text that sets `list` to the options of an `ls` that keeps any name on one line. busybox knows no `-q`, and does so without.
 */
export const chooseListing = 'list=-lq; ls "$list" / >/dev/null 2>&1 || list=-l';

/**
 * Takes a script's output apart: the lines of each part by its name. A part begins once, in the order of `names`, so that
 * what stands in a later part cannot pose as the beginning of an earlier one.
 */
export async function readSections<Name extends string>(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const texts = new Map<Name, string[]>();
  let next = 0;
  let lines: string[] = [];
  for await (const { bytes } of splitLines(chunks, lineBytes)) {
    const line = decodeUtf8(bytes);
    const name = names[next];
    if (name !== undefined && line === mark(name)) {
      lines = [];
      texts.set(name, lines);
      next++;
    } else {
      lines.push(line);
    }
  }
  // Every name gets its entry, so the record is whole.
  return Object.fromEntries(names.map((name) => [name, (texts.get(name) ?? []).join("\n")])) as Record<Name, string>;
}
