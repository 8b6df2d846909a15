import type { Block } from "../../model/block.js";
import { isJsonObject, type Json } from "../../model/json.js";
import type { StepKind } from "../../model/step-kind.js";
import { isCut, outputBlock, readText } from "../output.js";
import { jsonIfAny, parseEvidence, unfilledBy } from "../parse.js";
import { parsedBlocks } from "../rows.js";
import { type Answer, observe } from "./observe.js";
import { type HttpResult, type HttpSpec, methods, result, spec, targetOf } from "./spec.js";

/** The request that is written, as far as values are known. */
function requestOf(written: Json): { readonly method: string; readonly url: string } | null {
  if (!isJsonObject(written)) return null;
  const method = methods.find((name) => written[name] !== undefined);
  return method === undefined ? null : { method, url: String(written[method]) };
}

const isJson = (headers: Readonly<Record<string, string>>): boolean =>
  /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers["content-type"] ?? "");

/** One HTTP exchange, made from casebook over a connection as seen from the host. */
export const http: StepKind<HttpSpec, Answer, HttpResult> = {
  name: "http",
  doc:
    "One HTTP request to a URL as the host sees it; nothing is needed there. Redirects are not followed. Any status is an answer; " +
    "no answer fails the step and says why. `json` is filled when the answer says that it is JSON.",
  example: `id: probe
http: { get: "http://127.0.0.1:8080/healthz" }
expect:
  healthy: result.status == 200`,
  spec,
  result,
  unfilled(written) {
    // An answer that says that it is JSON is read as such, whatever is written.
    const { rows } = unfilledBy(isJsonObject(written) ? written.parse : undefined);
    return rows === undefined ? {} : { rows };
  },
  riskMayBeLowered: true,
  normalise: (written) => (typeof written === "string" ? { get: written } : written),
  outline(written) {
    const request = requestOf(written);
    const harmless = request === null || request.method === "get" || request.method === "head";
    return {
      risk: harmless ? "observe" : "disrupt",
      tools: [],
      commands: request === null ? [] : [`${request.method.toUpperCase()} ${request.url}`],
      changes: [],
    };
  },
  observe,
  readWith: ["parse"],
  async read(spec, observed, evidence) {
    const parsed = await parseEvidence(spec.parse, observed.body, evidence);
    const declared = spec.parse !== "json" && isJson(observed.headers);
    const body = await readText(observed.body, evidence);
    return {
      status: observed.status,
      headers: observed.headers,
      body,
      truncated: isCut(body),
      json: declared ? await jsonIfAny(observed.body, evidence) : parsed.json,
      rows: parsed.rows,
    };
  },
  view(spec, { status, headers, body, rows }) {
    const { method, url } = targetOf(spec);
    const sent = spec.json === undefined ? spec.body : JSON.stringify(spec.json);
    const request = [`${method.toUpperCase()} ${url}`, ...headerLines(spec.headers ?? {})];
    return [
      httpBlock("Request", [...request, ...(sent === undefined ? [] : ["", sent])]),
      httpBlock("Answer", [`status ${status}`, ...headerLines(headers)]),
      ...outputBlock("body", body),
      ...parsedBlocks(rows),
    ];
  },
};

const httpBlock = (title: string, lines: readonly string[]): Block => ({
  type: "code",
  language: "http",
  title,
  text: lines.join("\n"),
});

const headerLines = (headers: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) => value.split("\n").map((line) => `${name}: ${line}`));
