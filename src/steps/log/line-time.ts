import { isJsonObject, type Json } from "../../model/json.js";

/** When a line says it was written, and how exactly: the length of the last place it gives, in milliseconds. */
export interface LineTime {
  readonly at: Date;
  readonly resolution: number;
}

/** What a time without year or zone is read against. */
export interface Clock {
  /** The host's time when the log was read. */
  readonly now: Date;
  /** Minutes that the host's zone is ahead of UTC. */
  readonly offsetMinutes: number;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The end of the line's beginning: a time stands in front, behind at most a priority, a pid or a bracket. */
const searched = 200;

const clockTime = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?`;

const formats: readonly RegExp[] = [
  // RFC 3339, RFC 5424 (`<34>1 2026-…`), Python and logfmt (`time=…`, `ts=…`) with a blank, a comma, or no zone.
  new RegExp(
    String.raw`^(?:<\d+>\d* ?)?\[?(?:[\w@]+=)?"?(?<year>\d{4})[-/](?<month>\d\d)[-/](?<day>\d\d)[T ]${clockTime}\s?(?<zone>Z|[+-]\d\d:?\d\d)?`,
  ),
  // klog and glog: `I1123 23:36:12.123456   4711 file.go:12] …`.
  new RegExp(String.raw`^[IWEFD](?<month>\d\d)(?<day>\d\d) ${clockTime}`),
  // RFC 3164: `Nov 23 23:36:12 host …`, with or without its priority.
  new RegExp(String.raw`^(?:<\d+>)?(?<name>[A-Z][a-z]{2}) {1,2}(?<day>\d{1,2}) ${clockTime}`),
  // Redis: `4711:M 23 Nov 2026 23:36:12.123 * …`.
  new RegExp(String.raw`^\d+:[A-Z] (?<day>\d\d) (?<name>[A-Z][a-z]{2}) (?<year>\d{4}) ${clockTime}`),
  // The common log format: `… [23/Nov/2026:23:36:12 +0000] …`.
  new RegExp(String.raw`\[(?<day>\d\d)/(?<name>[A-Z][a-z]{2})/(?<year>\d{4}):${clockTime} (?<zone>[+-]\d{4})\]`),
];

/** The time in front of a line of a log, in the forms that logs are commonly written in; null when none is recognised. */
export function lineTime(line: string, clock: Clock): LineTime | null {
  if (line.startsWith("{")) return jsonTime(line, clock);
  const begin = line.slice(0, searched);
  for (const format of formats) {
    const groups = format.exec(begin)?.groups;
    if (groups !== undefined) return timeOf(groups, clock);
  }
  return null;
}

type Groups = Readonly<Record<string, string | undefined>>;

function timeOf(groups: Groups, clock: Clock): LineTime | null {
  const { year, month, name, day, hour, minute, second, fraction = "", zone } = groups;
  const monthIndex = name === undefined ? Number(month) - 1 : months.indexOf(name.toLowerCase());
  const milliseconds = Math.floor(Number(`0.${fraction || "0"}`) * 1000);
  const at = (inYear: number): number =>
    Date.UTC(inYear, monthIndex, Number(day), Number(hour), Number(minute), Number(second), milliseconds) -
    offsetOf(zone, clock) * 60_000;
  if (monthIndex < 0 || monthIndex > 11 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59) return null;
  const resolution = fraction === "" ? 1000 : Math.max(1, 10 ** (3 - fraction.length));
  if (year !== undefined) return { at: new Date(at(Number(year))), resolution };
  // Without a year it is the last such day: a log is not of the future, but for clocks that are a little ahead.
  const thisYear = clock.now.getUTCFullYear();
  const latest = clock.now.getTime() + 86_400_000;
  const inYear = [thisYear + 1, thisYear, thisYear - 1].find((candidate) => at(candidate) <= latest) ?? thisYear;
  return { at: new Date(at(inYear)), resolution };
}

function offsetOf(zone: string | undefined, clock: Clock): number {
  if (zone === undefined) return clock.offsetMinutes;
  return zone === "Z" ? 0 : zoneMinutes(zone);
}

/** `+0530` or `+05:30` in minutes. */
export function zoneMinutes(zone: string): number {
  const digits = zone.replace(/\D/g, "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4));
  return zone.startsWith("-") ? -minutes : minutes;
}

const timeFields = ["ts", "time", "timestamp", "@timestamp", "t"];

/** zap, slog, logrus, bunyan: an object with a field for the time; a number is seconds, or milliseconds when it is so large. */
function jsonTime(line: string, clock: Clock): LineTime | null {
  const entry = parseObject(line);
  if (entry === null) return null;
  for (const field of timeFields) {
    const value = entry[field];
    if (typeof value === "number") return epoch(value);
    if (typeof value === "string") return lineTime(value, clock);
  }
  return null;
}

const epoch = (value: number): LineTime | null =>
  value < 1e8 || value > 1e14
    ? null
    : {
        at: new Date(value > 1e11 ? value : value * 1000),
        resolution: Number.isInteger(value) && value < 1e11 ? 1000 : 1,
      };

/** One entry of `journalctl -o json`: its message as bytes, and when journald took it in. */
export function journalEntry(line: string): { readonly text: string; readonly at: Date | null } {
  const entry = parseObject(line);
  if (entry === null) return { text: line, at: null };
  const microseconds = Number(entry.__REALTIME_TIMESTAMP);
  const at = Number.isFinite(microseconds) ? new Date(microseconds / 1000) : null;
  return { text: messageText(entry.MESSAGE ?? null), at };
}

/** Text, or for anything that is not printable UTF-8 its bytes as numbers; several values of one field are a list. */
function messageText(message: Json): string {
  if (typeof message === "string") return message;
  if (!Array.isArray(message)) return "";
  if (message.every((byte) => typeof byte === "number")) return Buffer.from(message as number[]).toString("utf8"); // checked
  return message.map((part) => messageText(part)).join("\n");
}

function parseObject(line: string): Readonly<Record<string, Json>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null; // begins like an object and is none
  }
}
