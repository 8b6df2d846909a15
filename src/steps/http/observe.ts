import type { EvidenceRef } from "../../model/evidence.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import {
  addressOf,
  describeHttpError,
  exchange,
  type HttpResponse,
  isCertificateError,
} from "../../util/http-exchange.js";
import { type HttpSpec, targetOf } from "./spec.js";

export interface Answer {
  readonly status: number;
  readonly status_text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: EvidenceRef | null;
}

/** @throws StepFailure when there was no answer, or not the whole of it */
export async function observe(spec: HttpSpec, context: StepContext): Promise<Answer> {
  const { method, url: text } = targetOf(spec);
  const url = new URL(text);
  const body = spec.json === undefined ? spec.body : JSON.stringify(spec.json);
  const type: Record<string, string> = spec.json === undefined ? {} : { "content-type": "application/json" };
  const named = new Set(Object.keys(spec.headers ?? {}).map((name) => name.toLowerCase()));
  const request = {
    url,
    method: method.toUpperCase(),
    headers: named.has("content-type") ? (spec.headers ?? {}) : { ...type, ...spec.headers },
    insecure: spec.insecure ?? false,
    ...(body !== undefined && { body }),
  };
  let answer: HttpResponse;
  try {
    answer = await exchange(() => context.target.connect(addressOf(url), context.signal), request, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    throw noAnswer(`expected an answer from ${text}, but ${describeHttpError(error)}`, error);
  }
  const seen = { status: answer.status, status_text: answer.statusText, headers: answer.headers };
  const evidence = context.capture("body");
  try {
    for await (const chunk of answer.body) await evidence.write(chunk);
  } catch (error) {
    context.signal.throwIfAborted();
    const observed = { ...seen, body: await evidence.close() };
    const message = `expected the whole answer of ${text}, but it broke off after ${evidence.bytes()} bytes: ${describeHttpError(error)}`;
    throw new StepFailure(message, { observed, cause: error });
  }
  return { ...seen, body: await evidence.close() };
}

function noAnswer(message: string, cause: unknown): StepFailure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const remedy = isCertificateError(code) ? { remedy: "`insecure: true` takes any certificate" } : {};
  return new StepFailure(message, { ...remedy, cause });
}
