import * as z from "zod";
import { mayHoldSecret } from "../../model/fields.js";
import { text } from "../../model/result-fields.js";
import { parsedFields, parseField } from "../parse.js";

export const methods = ["get", "head", "post", "put", "delete"] as const;

export type Method = (typeof methods)[number];

const url = () =>
  z.url({ protocol: /^https?$/, error: "expected a URL that begins with http:// or https://" }).optional();

/** A line break would begin another header. */
const headerValue = () => z.string().regex(/^[^\r\n]*$/, "expected a value without a line break");

export const spec = z
  .strictObject({
    get: url().describe("URL to get, as seen from the host."),
    head: url().describe("URL of which only the headers are wanted."),
    post: url().describe("URL to post `body` or `json` to."),
    put: url().describe("URL to put `body` or `json` to."),
    delete: url().describe("URL to delete."),
    headers: mayHoldSecret(
      z.record(z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, "expected a header's name"), headerValue()),
    )
      .optional()
      .describe("Headers of the request."),
    body: mayHoldSecret(z.string()).optional().describe("Body of the request, as it is."),
    json: mayHoldSecret(z.json()).optional().describe("Body of the request, given as JSON."),
    insecure: z.boolean().optional().describe("Takes any certificate of the server."),
    parse: parseField(["json", "table", "csv"])
      .optional()
      .describe("How to read the body: `json`, `table`, `csv`, or an RE2 pattern with named groups."),
  })
  .superRefine((request, context) => {
    const given = methods.filter((method) => request[method] !== undefined);
    const issue = (message: string, path: string[] = []): void => context.addIssue({ code: "custom", message, path });
    if (given.length !== 1) {
      const found = given.length === 0 ? "none" : given.join(" and ");
      issue(`expected exactly one of get, head, post, put and delete, found ${found}`);
    }
    if (request.body !== undefined && request.json !== undefined) issue("expected body or json, found both", ["json"]);
    const bodiless = given.find((method) => method === "get" || method === "head");
    if (bodiless !== undefined && (request.body !== undefined || request.json !== undefined)) {
      issue(`expected no body with ${bodiless}`, [request.body === undefined ? "json" : "body"]);
    }
  });

export type HttpSpec = z.infer<typeof spec>;

export const result = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()).readonly(),
  body: text(),
  truncated: z.boolean(),
  json: parsedFields.json,
  rows: parsedFields.rows,
});

export type HttpResult = z.infer<typeof result>;

/** The method and URL that the spec names. */
export function targetOf(spec: HttpSpec): { readonly method: Method; readonly url: string } {
  for (const method of methods) {
    const url = spec[method];
    if (url !== undefined) return { method, url };
  }
  throw new Error("the schema lets no request through that has no method");
}
