import { isJsonObject, type Json, type JsonObject } from "../../model/json.js";
import { type Opened, type Outline, type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import { timeLimit } from "../../util/time-limit.js";
import { changeAsked, undoAsked } from "./asked.js";
import type { Changed } from "./changed.js";
import { channelOf } from "./channel.js";
import { changeEdited, undoEdited } from "./edited.js";
import { sameLevel } from "./same-level.js";
import { changeSignalled, undoSignalled } from "./signalled.js";
import { type LogLevelResult, type LogLevelSpec, opened, result, spec } from "./spec.js";
import { maskedIn, token } from "./token.js";

async function change(spec: LogLevelSpec, context: StepContext): Promise<Changed> {
  const channel = channelOf(spec, context.env);
  if (channel !== null) return await changeAsked(spec, channel, context);
  if (spec.file !== undefined) return await changeEdited(spec, spec.file, context);
  if (spec.signal !== undefined) return await changeSignalled(spec, spec.signal, context);
  throw new Error("the schema lets no step through that names no way");
}

async function open(spec: LogLevelSpec, context: StepContext): Promise<Opened<LogLevelResult>> {
  const { before, during, how_known, reread } = await change(spec, context);
  return {
    value: { before, during },
    async close(signal, lost = []) {
      const after = await readAfter(reread, signal);
      // Where nothing can be read, or the program has ended, all there is to know is whether the undoing was answered.
      if (after === null) return { before, during, after: null, restored: lost.length === 0, how_known };
      return { before, during, after, restored: sameLevel(after, before), how_known };
    },
  };
}

/** How long telling the level may take once it was put back. */
const rereadMilliseconds = 10_000;

/** null: it cannot be read, or nobody answers any more. */
async function readAfter(reread: Changed["reread"], signal: AbortSignal): Promise<string | null> {
  using limit = timeLimit(signal, rereadMilliseconds);
  try {
    return await reread(limit.signal);
  } catch (error) {
    if (error instanceof StepFailure || limit.signal.aborted) return null;
    throw error;
  }
}

function outline(written: Json): Outline {
  const fields = isJsonObject(written) ? written : {};
  const to = String(fields.to ?? "?");
  const { commands, where } = plan(fields, to);
  const before = fields.was === undefined ? "what it is read to be before" : String(fields.was);
  const what = `log level ${where} to ${to}`;
  return { risk: "perturb", tools: [], commands, changes: [{ what, undo: `sets it back to ${before}` }] };
}

/** What would be done, and where the level is. */
function plan(fields: JsonObject, to: string): { readonly commands: string[]; readonly where: string } {
  const { klog, zap, http, command, file, signal } = fields;
  if (klog !== undefined) {
    return {
      commands: [`PUT ${String(klog).replace(/(?:\/debug\/flags\/v|\/)$/, "")}/debug/flags/v (${to})`],
      where: `at ${String(klog)}`,
    };
  }
  if (zap !== undefined) return { commands: [`PUT ${String(zap)} {"level": "${to}"}`], where: `at ${String(zap)}` };
  if (isJsonObject(http)) return { commands: [requestText(http.set)], where: "by a request" };
  if (isJsonObject(command)) return { commands: [commandText(command.set)], where: "by a command" };
  if (isJsonObject(file)) {
    const reload = file.reload === undefined ? [] : [commandText(file.reload)];
    return { commands: [`edit ${String(file.path)}`, ...reload], where: `in ${String(file.path)}` };
  }
  if (!isJsonObject(signal)) return { commands: [], where: "" };
  const whom = String(signal.pid ?? signal.process);
  return { commands: [`kill -s ${String(signal.up)} ${whom}`], where: `of ${whom}` };
}

const commandText = (command: Json | undefined): string =>
  Array.isArray(command) ? quoteWords(command.map(String)) : String(command ?? "");

function requestText(request: Json | undefined): string {
  if (!isJsonObject(request)) return String(request ?? "");
  const [method = "put", url = ""] =
    Object.entries(request).find(([name]) => /^(get|put|post|delete)$/.test(name)) ?? [];
  return `${method.toUpperCase()} ${String(url)}`;
}

/** A URL alone: to read, a GET; to set, a PUT with the level as body, unless the URL itself holds it. */
function normalise(written: Json): Json {
  if (!isJsonObject(written) || !isJsonObject(written.http)) return written;
  const { get, set } = written.http;
  const http = {
    ...written.http,
    ...(typeof get === "string" && { get: { get } }),
    ...(typeof set === "string" && { set: set.includes("$level") ? { put: set } : { put: set, body: "$level" } }),
  };
  return { ...written, http };
}

/** Turns a program's log level up for the length of `during`. */
export const logLevel: StepKind<LogLevelSpec, LogLevelResult, LogLevelResult> = {
  name: "log_level",
  doc:
    "Sets a program's log level for the length of `during` and puts back what it was. The level before is read where that can be " +
    "done, else `was` declares it. `$level` stands for the level in `set`. A level that somebody else has changed meanwhile, or a " +
    "file that somebody else has written, is left alone and reported. `signal` sends `up` or `down` as often as `to` is away from `was`.",
  example: `log_level: { klog: "http://127.0.0.1:10248", to: 10, was: 2 }
during:
  - http: { get: "http://127.0.0.1:10248/healthz" }`,
  spec,
  variables: ["level"],
  result,
  opened,
  during: () => "required",
  normalise,
  outline,
  open,
  read: async (_, observed) => observed,
  failure: (_, { restored, before, after }) =>
    // Where nothing can be read, what could not be put back says why.
    restored || after === null ? null : `expected the level ${before} after the step, found ${after}`,
  async undo(written, context) {
    const masked = maskedIn(written);
    if (masked !== null) return { state: "cannot", why: `the secret ${masked} is needed: give it with -i ${masked}=…` };
    const what = token.parse(written);
    switch (what.through) {
      case "channel":
        return await undoAsked(what, context);
      case "file":
        return await undoEdited(what, context);
      case "signal":
        return await undoSignalled(what, context);
      default:
        return what satisfies never;
    }
  },
  view: (_, { before, during, after, restored, how_known }) => [
    {
      type: "facts",
      facts: [
        { label: "Before", value: how_known === "read" ? `${before} (read)` : `${before} (as declared)` },
        { label: "During", value: during },
        { label: "After", value: after ?? "cannot be read" },
        { label: "Put back", value: restored ? "yes" : "no" },
      ],
    },
  ],
};
