import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isJsonObject, type Json } from "../../src/model/json.js";
import { loadRunbook } from "../../src/runbook/load.js";
import { runbookJsonSchema } from "../../src/runbook/schema.js";
import { kindNames, loadKinds } from "../../src/steps/index.js";
import { around } from "./check.js";
import { testKinds } from "./kinds.js";

const schema = runbookJsonSchema(testKinds);
const kinds = await loadKinds(kindNames);

/** What Python's jsonschema, a validator that is not ours, has against each document; null for nothing. */
function validate(against: Json, documents: readonly unknown[]): readonly (string | null)[] {
  const script = `
import json, sys
from jsonschema import Draft202012Validator
given = json.load(sys.stdin)
Draft202012Validator.check_schema(given["schema"])
validator = Draft202012Validator(given["schema"])
print(json.dumps([next((error.message[:300] for error in validator.iter_errors(one)), None) for one in given["documents"]]))
`;
  const input = JSON.stringify({ schema: against, documents });
  return JSON.parse(execFileSync("/usr/bin/python3", ["-c", script], { input, encoding: "utf8", maxBuffer: 2 ** 26 }));
}

const declared = `inputs: { a: {}, b: { type: choice, choices: [x, 1], default: 1 }, l: { type: list }, c: }
hypotheses: { one: The first }
defaults: { timeout: 5s, become: true }
`;

const sound: readonly (readonly [what: string, steps: string])[] = [
  ["a shell text", '  - run: echo "$a"\n'],
  ["a list of arguments", "  - run: [chmod, 0755, 1.20, x]\n"],
  ["all fields", "  - run: { command: x, ok: [0, 1], parse: lines }\n"],
  [
    "mustaches in place of numbers, lists and choices",
    '  - run: { command: "{{l}}", ok: "{{l}}", parse: "{{a}}" }\n  - sockets: { pid: "{{a}}" }\n',
  ],
  ["a note alone", "  - note: x\n    when: true\n"],
  ["a note beside a kind", "  - note: x\n    run: x\n"],
  [
    "everything that a step may have",
    `  - id: w
    title: 1.2
    watch: {}
    during: [{ run: x, for_each: [1], retry: { times: 2, every: 1s } }]
    save: { n: 'result.count' }
    require: [n > 1, 'true']
    expect: { e: n > 1, f: { that: n > 2, supports: one, refutes: [one], says: x } }
    timeout: 5s
    on_fail: continue
    env: { A: 1 }
    risk: perturb
`,
  ],
];

const unsound: readonly (readonly [what: string, steps: string])[] = [
  ["an unknown kind", "  - sokets: {}\n"],
  ["two kinds", "  - run: x\n    sockets: {}\n"],
  ["no kind", "  - title: x\n"],
  ["an unknown key", "  - run: x\n    tilte: x\n"],
  ["an unknown field", "  - sockets: { pdi: 1 }\n"],
  ["another value than those possible", "  - sockets: { state: listning }\n"],
  ["a wrong type", "  - sockets: []\n"],
  ["an empty during", "  - watch: {}\n    during: []\n"],
];

const documents = (of: typeof sound) => of.map(([, steps]) => parse(around(steps, declared)));

describe("the schema", () => {
  it("accepts what check accepts", () => {
    for (const [what, steps] of sound) {
      expect(loadRunbook(around(steps, declared), "t.yaml", testKinds), what).toMatchObject({ ok: true });
    }
    expect(validate(schema, documents(sound))).toEqual(sound.map(() => null));
  });

  it("refuses what an editor can tell to be wrong", () => {
    const accepted = validate(schema, documents(unsound)).map(
      (message, index) => message === null && unsound[index]?.[0],
    );
    expect(accepted.filter(Boolean)).toEqual([]);
  });

  it("describes every key and kind", () => {
    const { step } = schema.$defs as Record<string, { properties: Record<string, Json> }>; // as it was built
    for (const [key, property] of Object.entries(step?.properties ?? {})) {
      expect(isJsonObject(property) && (property.description ?? property.$ref), key).toBeTruthy();
    }
    expect(JSON.stringify(schema)).toContain("The kind watch.");
  });

  it("of the real kinds accepts the shorthands of a probe, and every runbook that is shipped or tried here", () => {
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const files = ["runbooks", "test/cases"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => join(root, folder, name)),
    );
    expect(files.length).toBeGreaterThan(5);
    const found = validate(
      runbookJsonSchema(kinds),
      files.map((file) => parse(readFileSync(file, "utf8"))),
    );
    expect(found.flatMap((message, index) => (message === null ? [] : [`${files[index]}: ${message}`]))).toEqual([]);
  });

  it("of the real kinds accepts the example of each", () => {
    const list = [...kinds.values()];
    const examples = list.map(({ example }) => {
      const steps: unknown = parse(example);
      return { casebook: 1, title: "t", steps: Array.isArray(steps) ? steps : [steps] };
    });
    const found = validate(runbookJsonSchema(kinds), examples).map((message, index) => [list[index]?.name, message]);
    expect(found.filter(([, message]) => message !== null)).toEqual([]);
  });
});
