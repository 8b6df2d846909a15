import { StepFailure } from "../../model/step-kind.js";
import { addressOf, describeHttpError, exchange } from "../../util/http-exchange.js";
import { compileRe2 } from "../../util/re2.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { Dialogue } from "./dialogue.js";
import { type LevelRequest, requestMethods } from "./spec.js";
import type { WrittenRequest } from "./token.js";

/** An answer that tells or takes a level is short. */
const answerBytes = 256 * 1024;

export interface LevelAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request with the level filled in and takes the answer.
 * @throws StepFailure when there was none
 */
export async function send(
  request: WrittenRequest,
  level: string | null,
  { target, signal, tell }: Dialogue,
): Promise<LevelAnswer> {
  const fill = (text: string, encode: (level: string) => string = String): string =>
    level === null ? text : text.replaceAll("$level", () => encode(level));
  const url = new URL(fill(request.url, encodeURIComponent));
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, fill(value)]));
  const isJson = /json/i.test(Object.entries(headers).find(([name]) => /^content-type$/i.test(name))?.[1] ?? "");
  const body: { readonly body?: string } =
    request.body === null ? {} : { body: fill(request.body, isJson ? withinJson : String) };
  const what = `${request.method} ${url.href}`;
  try {
    const answer = await exchange(
      () => target.connect(addressOf(url), signal),
      { url, method: request.method, headers, insecure: request.insecure, ...body },
      signal,
    );
    const text = await readBody(answer.body);
    await tell(`${what}\n${body.body === undefined ? "" : `${body.body}\n`}\n${answer.status}\n${text}\n`);
    return { status: answer.status, text };
  } catch (error) {
    signal.throwIfAborted();
    throw new StepFailure(`expected an answer to ${what}, but ${describeHttpError(error)}`, { cause: error });
  }
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > answerBytes) break; // leaving the loop destroys the answer
  }
  return decodeUtf8(Buffer.concat(chunks).subarray(0, answerBytes));
}

const withinJson = (level: string): string => JSON.stringify(level).slice(1, -1);

/** The request as a token holds it. */
export function writeRequest(fields: LevelRequest): WrittenRequest {
  const method = requestMethods.find((name) => fields[name] !== undefined) ?? "get";
  const json = fields.json === undefined ? null : JSON.stringify(fields.json);
  return {
    method: method.toUpperCase(),
    url: fields[method] ?? "",
    headers: { ...(json !== null && { "content-type": "application/json" }), ...fields.headers },
    body: json ?? fields.body ?? null,
    insecure: fields.insecure ?? false,
    pattern: fields.pattern ?? null,
  };
}

/** The level that an answer tells: what the pattern finds, a JSON text, number or `level`, else the whole text; null if none. */
export function levelIn(text: string, pattern: string | null): string | null {
  if (pattern !== null) {
    const compiled = compileRe2(pattern, { multiline: true });
    if (!compiled.ok) throw new Error(`a pattern that was checked does not compile: ${compiled.message}`);
    const matcher = compiled.re2.matcher(text);
    return matcher.find() ? matcher.group(1) : null;
  }
  const trimmed = text.trim();
  const json = parseJson(trimmed);
  if (typeof json === "string" || typeof json === "number") return String(json);
  if (typeof json === "object" && json !== null && "level" in json) return String(json.level);
  return trimmed === "" || trimmed.includes("\n") ? null : trimmed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // most levels are plain words
  }
}
