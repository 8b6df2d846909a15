import { expect, it } from "vitest";
import * as z from "zod";
import { text, time } from "../../src/model/result-fields.js";
import { type Type, typeOfSchema, unify } from "../../src/runbook/type.js";

const string: Type = { kind: "string" };
const int: Type = { kind: "int" };

it("a schema's type is that of what it yields", () => {
  const result = z.strictObject({
    exit_code: z.int().nullable(),
    count: z.number().int(),
    seconds: z.number().optional(),
    stdout: text(),
    at: time().describe("When.").nullable(),
    ok: z.boolean().default(true),
    state: z.enum(["a", "b"]),
    one: z.literal(1),
    lines: z.array(z.string()).readonly().nullable(),
    rows: z.array(z.record(z.string(), z.string())),
    json: z.json(),
    any: z.unknown(),
    either: z.union([z.string(), z.int()]),
    number: z.union([z.int(), z.number()]),
    pair: z.tuple([z.int(), z.int()]),
  });
  expect(typeOfSchema(result)).toEqual({
    kind: "object",
    fields: {
      exit_code: int,
      count: int,
      seconds: { kind: "double" },
      stdout: string,
      at: { kind: "time" },
      ok: { kind: "bool" },
      state: string,
      one: int,
      lines: { kind: "list", of: string },
      rows: { kind: "list", of: { kind: "object", fields: {}, open: true } },
      json: { kind: "dyn" },
      any: { kind: "dyn" },
      either: { kind: "dyn" },
      number: { kind: "double" },
      pair: { kind: "list", of: int },
    },
  });
});

it("an object that takes further keys is open, alternatives are merged", () => {
  expect(typeOfSchema(z.looseObject({ a: z.int() }))).toEqual({ kind: "object", fields: { a: int }, open: true });
  expect(
    typeOfSchema(
      z.discriminatedUnion("by", [
        z.strictObject({ by: z.literal("a"), x: z.int() }),
        z.strictObject({ by: z.literal("b"), y: z.string() }),
      ]),
    ),
  ).toEqual({ kind: "object", fields: { by: string, x: int, y: string } });
});

it("a recursive schema ends", () => {
  interface Tree {
    readonly name: string;
    readonly inner: readonly Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.strictObject({ name: z.string(), inner: z.array(tree) }));
  expect(typeOfSchema(tree)).toEqual({
    kind: "object",
    fields: { name: string, inner: { kind: "list", of: { kind: "dyn" } } },
  });
});

it("what holds two types is the narrower with null, a double with numbers, else anything", () => {
  expect(unify({ kind: "null" }, int)).toEqual(int);
  expect(unify(int, { kind: "double" })).toEqual({ kind: "double" });
  expect(unify(int, string)).toEqual({ kind: "dyn" });
});
