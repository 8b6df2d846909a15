import { expect, test } from "vitest";
import * as z from "zod";
import { kindNames, loadKinds } from "../../src/steps/index.js";
import { casebook } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

test("all step kinds are listed", async () => {
  const ran = await casebook(["kinds"]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  for (const name of kindNames) expect(ran.stdout).toMatch(new RegExp(`^${name} +\\S`, "m"));
});

test.each(kindNames)("the kind %s documents each field, its result and an example", async (name) => {
  const { stdout, code } = await casebook(["kinds", name]);
  expect(code).toBe(0);
  expect(stdout).toContain("Example\n");
  for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(140);
  // A field's name stands two in; its description, further in, on the next line.
  const fields = /\nFields\n\n([\s\S]*?)\n\n\S/.exec(stdout)?.[1] ?? "";
  expect(
    fields.split("\n").filter((line, index, all) => /^ {2}\S/.test(line) && !/^ {4}/.test(all[index + 1] ?? "")),
  ).toEqual([]);
});

/** All descriptions of a JSON Schema, however deep. */
function descriptions(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === "description" && typeof value === "string" ? [value] : descriptions(value),
  );
}

test.each(kindNames)("the kind %s documents what stands inside its fields, commands and ways too", async (name) => {
  const kind = (await loadKinds([name])).get(name);
  const told = (await casebook(["kinds", name])).stdout.replaceAll(/\s+/g, " ");
  const written = descriptions(z.toJSONSchema(kind?.spec ?? z.never(), { io: "input", unrepresentable: "any" }));
  expect(written.filter((about) => !told.includes(about))).toEqual([]);
});

test("each kind is loaded by its own name, without the others", async () => {
  for (const name of kindNames) expect([...(await loadKinds([name])).values()]).toMatchObject([{ name }]);
});

test.each([...(await loadKinds(kindNames)).values()].map((kind) => [kind.name, kind] as const))(
  "the example of %s passes check as it stands",
  async (_, kind) => {
    const example = kind.example.trimEnd().replace(/^/gm, "    ").replace(/^ {4}/, "  - ");
    const cwd = await scratch({
      "a.yaml": `casebook: 1\ntitle: Example\nsteps:\n${example}\n`,
      // The one that `use` names.
      "who-listens.yaml": `casebook: 1\ntitle: Who listens?\ninputs: { port: { type: integer } }\nsteps: [note: "Port {{port}}"]\n`,
    });
    expect(await casebook(["check", "a.yaml"], { cwd })).toMatchObject({
      code: 0,
      stdout: "1 file checked, no mistakes\n",
    });
  },
);
