import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { Event } from "../model/event.js";
import { journalFile } from "./case-folder.js";

/**
 * The events of a case's journal in order. A last line without its newline, or that is not JSON, was torn by a crash and
 * ends the journal; so does any line that is not an event. Rejects with a node system error when there is no journal.
 */
export async function* readJournal(folder: string): AsyncGenerator<Event> {
  for await (const line of journalLines(folder)) {
    const event = parseEvent(line);
    if (event === null) return;
    yield event;
  }
}

/** The journal's whole lines, without their newlines. */
export async function* journalLines(folder: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(join(folder, journalFile), { highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer; // no encoding was set
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      yield rest.length === 0 ? bytes.subarray(start, end) : Buffer.concat([...rest, bytes.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    if (start < bytes.length) rest.push(bytes.subarray(start));
  }
}

/** null when the line is not an event of this format. */
export function parseEvent(line: Buffer): Event | null {
  try {
    const value: unknown = JSON.parse(line.toString());
    const isEvent = typeof value === "object" && value !== null && "type" in value && "seq" in value && "at" in value;
    return isEvent ? (value as Event) : null; // a reader takes fields on trust; `verify` checks the chain
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
