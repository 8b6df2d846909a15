import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import { quoteWords } from "../../util/shell-quote.js";
import type { Dialogue } from "./dialogue.js";
import { type LevelAnswer, levelIn, send, writeRequest } from "./request.js";
import type { LogLevelSpec } from "./spec.js";
import type { Channel, WrittenRequest } from "./token.js";

type Env = Readonly<Record<string, string>>;

/** How the spec's level is reached, where that is by asking somebody; null for a file and for signals. */
export function channelOf(spec: LogLevelSpec, env: Env): Channel | null {
  if (spec.klog !== undefined) return { way: "klog", url: klogUrl(spec.klog) };
  if (spec.zap !== undefined) return { way: "zap", url: spec.zap };
  if (spec.http !== undefined) {
    const { get, set } = spec.http;
    return { way: "http", get: get === undefined ? null : writeRequest(get), set: writeRequest(set) };
  }
  if (spec.command === undefined) return null;
  return { way: "command", get: spec.command.get ?? null, set: spec.command.set, env: { ...env } };
}

/** The flag's own URL below the server's, unless that is what was written. */
function klogUrl(written: string): string {
  const url = new URL(written);
  if (!url.pathname.endsWith("/debug/flags/v")) url.pathname = `${url.pathname.replace(/\/$/, "")}/debug/flags/v`;
  return url.href;
}

/** Where the channel leads, for people. */
export const describeChannel = (channel: Channel): string =>
  channel.way === "command" ? describeCommand(channel.set) : channel.way === "http" ? channel.set.url : channel.url;

/** What tells the level, for people. */
export function describeReading(channel: Channel): string {
  if (channel.way === "command") return describeCommand(channel.get ?? channel.set);
  return channel.way === "http" ? (channel.get ?? channel.set).url : channel.url;
}

/** The URL whose server holds the level, where there is one. */
export const urlOf = (channel: Channel): string | null =>
  channel.way === "command" ? null : channel.way === "http" ? channel.set.url : channel.url;

/**
 * The level as it is now, or null when it cannot be read there.
 * @throws StepFailure when nobody answers
 */
export async function readLevel(channel: Channel, dialogue: Dialogue): Promise<string | null> {
  switch (channel.way) {
    case "klog": {
      // Kubernetes' handler takes only PUT; other servers of the flag also tell it.
      const answer = await send(plain("GET", channel.url), null, dialogue);
      const level = answer.text.trim();
      return answer.status === 200 && /^-?\d+$/.test(level) ? level : null;
    }
    case "zap": {
      const answer = await send(plain("GET", channel.url), null, dialogue);
      return told(answer, plain("GET", channel.url));
    }
    case "http":
      return channel.get === null ? null : told(await send(channel.get, null, dialogue), channel.get);
    case "command": {
      if (channel.get === null) return null;
      const text = await execute(channel.get, channel.env, null, dialogue);
      const level = text.split("\n").findLast((line) => line.trim() !== "");
      if (level !== undefined) return level.trim();
      throw new StepFailure(`expected ${describeCommand(channel.get)} to print the level, but it printed nothing`);
    }
    default:
      return channel satisfies never;
  }
}

function told({ status, text }: LevelAnswer, request: WrittenRequest): string {
  const level = status >= 200 && status < 300 ? levelIn(text, request.pattern) : null;
  if (level !== null) return level;
  throw new StepFailure(`expected ${request.method} ${request.url} to tell the level, found ${briefly(status, text)}`);
}

/** Whether a level was taken; for people, what was answered, or why it was not. */
export type SetAnswer =
  | { readonly taken: true; readonly how: string }
  /** `unchanged`: the answer says that nothing was changed. */
  | { readonly taken: false; readonly why: string; readonly unchanged: boolean };

/**
 * Sets the level.
 * @throws StepFailure when nobody answers, or a command fails: whether the level was set is not known then
 */
export async function setLevel(channel: Channel, level: string, dialogue: Dialogue): Promise<SetAnswer> {
  if (channel.way === "command") {
    await execute(channel.set, channel.env, level, dialogue);
    return { taken: true, how: `${describeCommand(channel.set)} with level=${level} ended with exit code 0` };
  }
  const request = setRequest(channel);
  const { status, text } = await send(request, level, dialogue);
  if (status >= 200 && status < 300) {
    return { taken: true, how: `${request.method} ${level} was answered with status ${status}` };
  }
  const why = `expected ${request.url} to take the level ${level}, but it refused: ${briefly(status, text)}`;
  return { taken: false, why, unchanged: status >= 400 && status < 500 };
}

function setRequest(channel: Exclude<Channel, { way: "command" }>): WrittenRequest {
  if (channel.way === "http") return channel.set;
  if (channel.way === "klog") return { ...plain("PUT", channel.url), body: "$level" };
  const headers = { "content-type": "application/json" };
  return { ...plain("PUT", channel.url), headers, body: '{"level":"$level"}' };
}

const plain = (method: string, url: string): WrittenRequest => ({
  method,
  url,
  headers: {},
  body: null,
  insecure: false,
  pattern: null,
});

/** Runs a shell text with `level` in its environment, or an argument list with `$level` filled in. */
export async function execute(
  command: string | readonly string[],
  env: Env,
  level: string | null,
  { target, signal, tell }: Dialogue,
): Promise<string> {
  const argv =
    typeof command === "string"
      ? ["/bin/sh", "-c", command]
      : command.map((word) => (level === null ? word : word.replaceAll("$level", () => level)));
  const added = level === null ? env : { ...env, level };
  const { exit, stdout, stderr } = await collect(target, { argv, env: added }, signal);
  await tell(
    `$ ${describeCommand(command).slice(1, -1)}${level === null ? "" : `\n# level=${level}`}\n${stdout}${stderr}`,
  );
  if (exit.code === 0) return stdout;
  signal.throwIfAborted();
  const ended = exit.code === null ? String(exit.signal) : `exit code ${exit.code}`;
  throw new StepFailure(
    `expected ${describeCommand(command)}${level === null ? "" : ` to take the level ${level}`}, but it ended with ${ended}${lastWords(stderr, stdout)}`,
  );
}

const describeCommand = (command: string | readonly string[]): string =>
  `\`${typeof command === "string" ? command.trim() : quoteWords(command)}\``;

function lastWords(...outputs: readonly string[]): string {
  const line = outputs.flatMap((output) => output.trimEnd().split("\n").slice(-1)).find((text) => text.trim() !== "");
  return line === undefined ? "" : `: ${line.trim().slice(0, 300)}`;
}

const briefly = (status: number, text: string): string => {
  const line = text.trim().split("\n")[0] ?? "";
  return line === "" ? `status ${status}` : `status ${status}: ${line.slice(0, 300)}`;
};
