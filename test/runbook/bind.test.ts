import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  argv,
  command,
  condition,
  duration,
  input,
  integer,
  literal,
  mayHoldSecret,
  pattern,
  stepId,
} from "../../src/model/fields.js";
import type { Json } from "../../src/model/json.js";
import { time } from "../../src/model/result-fields.js";
import type { Binding } from "../../src/model/runbook.js";
import type { AnyStepKind, StepKind } from "../../src/model/step-kind.js";
import { Absent, CutText, type Value, type ValueObject } from "../../src/model/value.js";
import { compileBinding } from "../../src/runbook/bind/bind.js";
import type { NameTable } from "../../src/runbook/names.js";
import { run } from "../../src/steps/run/index.js";
import { located, nameTable, underlined } from "../support/located.js";

const spec = z.strictObject({
  url: z.string().min(1).optional(),
  port: integer().optional(),
  wait: duration().optional(),
  since: z.union([stepId(), duration(), time()]).optional(),
  of: stepId().describe("A step.").optional(),
  command: command().describe("What to run.").optional(),
  exec: argv().optional(),
  stdin: input().optional(),
  until: condition().optional(),
  contains: z.string().optional(),
  matches: pattern().optional(),
  raw: literal().optional(),
  headers: mayHoldSecret(z.record(z.string(), z.string())).optional(),
  json: mayHoldSecret(z.json()).optional(),
  ports: z.array(integer()).optional(),
  ready: z
    .discriminatedUnion("by", [
      z.strictObject({ by: z.literal("port"), port: integer() }),
      z.strictObject({ by: z.literal("command"), command: command() }),
    ])
    .optional(),
});

/** A kind whose field has a place of every role. */
const kind: AnyStepKind = {
  name: "sample",
  doc: "",
  example: "",
  spec,
  result: z.strictObject({}),
  conditionNames: () => ({ hits: z.array(z.strictObject({ goroutine: z.int() })) }),
  outline: () => ({ risk: "observe", tools: [], commands: [], changes: [] }),
  read: async () => ({}),
  view: () => [],
} satisfies StepKind<z.infer<typeof spec>, unknown, ValueObject>;

const names = nameTable(
  {
    port: { kind: "int" },
    ports: { kind: "list", of: { kind: "int" } },
    words: { kind: "list", of: { kind: "string" } },
    name: { kind: "string" },
    data: { kind: "dyn" },
    token: { kind: "string" },
    at: { kind: "time" },
    program: { kind: "object", fields: { pid: { kind: "int" } } },
  },
  { later: new Map([["opener", "it is saved by a later step"]]), steps: new Set(["program"]) },
);

function textAt(written: Json, path: readonly (string | number)[]): string {
  let found: unknown = written;
  for (const key of path) found = (found as Record<string | number, unknown>)[key]; // paths come from walking it
  return String(found);
}

const compile = (written: Json, of: AnyStepKind = kind, table: NameTable = names) =>
  compileBinding({
    kind: of,
    written,
    locate: (path) => located(textAt(written, path)),
    names: table,
    secrets: new Set(["token"]),
    place: located("").place(),
  });

function bind(written: Json, values: Record<string, Value> = {}, of: AnyStepKind = kind): Binding | string {
  const { template, diagnostics } = compile(written, of);
  if (template === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  const rendered = template.render(new Map(Object.entries(values)));
  return rendered.ok ? rendered.value : rendered.message;
}

const specOf = (written: Json, values: Record<string, Value> = {}): unknown => {
  const bound = bind(written, values);
  return typeof bound === "string" ? bound : bound.spec;
};

const mistakes = (written: Json) =>
  compile(written).diagnostics.map((found) => ({ code: found.code, message: found.message, hint: found.hint }));

describe("fields", () => {
  it("take values in texts at any depth, and keep the type of a lone mustache", () => {
    expect(
      specOf(
        {
          url: "http://h:{{port}}/",
          port: "{{port}}",
          ports: "{{ports}}",
          json: { a: ["{{data}}", 1] },
          ready: { by: "port", port: "{{port}}" },
        },
        { port: 80, ports: [1, 2], data: { x: null } },
      ),
    ).toEqual({
      url: "http://h:80/",
      port: 80,
      ports: [1, 2],
      json: { a: [{ x: null }, 1] },
      ready: { by: "port", port: 80 },
    });
  });

  it("take a scalar as text where text is expected, and digits where an integer is", () => {
    expect(specOf({ contains: "{{port}}" }, { port: 80 })).toEqual({ contains: "80" });
    expect(specOf({ port: "{{data}}" }, { data: "80" })).toEqual({ port: 80 });
    expect(specOf({ wait: "{{data}}" }, { data: "2s" })).toEqual({ wait: 2000 });
    expect(specOf({ headers: { "x-port": "{{port}}" } }, { port: 80 })).toEqual({ headers: { "x-port": "80" } });
    expect(specOf({ json: "{{at}}" }, { at: new Date(0) })).toEqual({ json: "1970-01-01T00:00:00.000Z" });
    expect(specOf({ since: "{{at}}" }, { at: new Date(0) })).toMatchObject({ since: new Date(0) });
  });

  it("that are one mustache of a null count as not written", () => {
    expect(specOf({ url: "{{name}}", port: 1 }, { name: null })).toEqual({ port: 1 });
    expect(specOf({ url: "{{program.pid}}" }, { program: { pid: new Absent("skipped") } })).toEqual({});
  });

  it("with a null inside other text fail the step", () => {
    expect(bind({ url: "http://{{name}}/" }, { name: null })).toBe("sample: url: {{name}} is null");
  });

  it("that are needed and null say so", () => {
    expect(bind({ ready: { by: "port", port: "{{port}}" } }, { port: new Absent("probe was skipped") })).toBe(
      "sample: ready.port: expected an integer, but {{port}} is null: probe was skipped",
    );
  });

  it("an element of a list is not left out when it is null", () => {
    expect(bind({ command: ["kill", "{{port}}"] }, { port: null })).toBe("sample: command.1: {{port}} is null");
  });

  it("that do not fit say what was expected and what was found", () => {
    expect(bind({ port: "{{name}}" }, { name: "http" })).toBe(
      'sample: port: expected an integer, found the text "http"',
    );
    expect(bind({ url: "{{ports}}" }, { ports: [1] })).toBe("sample: url: expected text, found a list of 1");
    expect(bind({ contains: "{{name}}" }, { name: new CutText("a", "b", 5) })).toContain(
      "was cut: 5 bytes were left out",
    );
  });

  it("named as JavaScript names its own are data", () => {
    expect(specOf({ json: { constructor: "{{port}}" } }, { port: 1 })).toEqual({
      json: { constructor: 1 },
    });
  });

  it("that are literal stay as they stand", () => {
    expect(specOf({ raw: "{{nobody}} {{port}}" }, { port: 1 })).toEqual({ raw: "{{nobody}} {{port}}" });
  });

  it("stdin is literal or one mustache", () => {
    expect(specOf({ stdin: "{{port}} {{nobody}}" }, { port: 1 })).toEqual({ stdin: "{{port}} {{nobody}}" });
    expect(specOf({ stdin: "{{data}}" }, { data: [1] })).toEqual({ stdin: [1] });
    expect(specOf({ stdin: { a: "{{port}}" } }, { port: 1 })).toEqual({ stdin: { a: "{{port}}" } });
  });

  it("are shown as far as values are known", () => {
    const { template } = compile({ url: "http://{{name}}:{{port}}/", port: "{{port}}", ports: "{{ports}}" });
    expect(
      JSON.parse(
        template?.outline(
          new Map<string, Value>([
            ["name", "h"],
            ["ports", [1]],
          ]),
        ) ?? "",
      ),
    ).toEqual({
      url: "http://h:‹port›/",
      port: "‹port›",
      ports: [1],
    });
  });

  it("tell where they are templated and what they read", () => {
    const { template, templatedPaths } = compile({
      url: "http://{{name}}/",
      command: ["a", "{{program.pid}}"],
      raw: "{{x}}",
    });
    expect(templatedPaths).toEqual([["url"], ["command", 1]]);
    expect(template?.reads).toEqual(["name", "program.pid"]);
  });
});

describe("commands", () => {
  it("a list is argv, templated per argument, never a shell", () => {
    expect(bind({ command: ["echo", "$name; {{name}}", "{{port}}"] }, { name: "a; rm -rf /", port: 80 })).toEqual({
      spec: { command: ["echo", "$name; a; rm -rf /", "80"] },
      exported: {},
    });
  });

  it("an argument is one text: a list or an object in it is JSON, as in an environment variable", () => {
    expect(specOf({ command: ["echo", "{{words}}", "{{data}}", "{{at}}", "x{{ports}}"] }, values)).toEqual({
      command: ["echo", '["a b","c"]', '{"a":[1]}', "1970-01-01T00:00:00.000Z", "x[1]"],
    });
    expect(specOf({ exec: ["echo", "{{words}}"] }, values)).toEqual({ exec: ["echo", '["a b","c"]'] });
  });

  const values = { words: ["a b", "c"], data: { a: [1] }, at: new Date(0), ports: [1] };

  it("a lone mustache as a command must yield a list", () => {
    expect(specOf({ command: "{{words}}" }, { words: ["a", "b c"] })).toEqual({ command: ["a", "b c"] });
    expect(specOf({ exec: "{{data}}" }, { data: ["a", 1] })).toEqual({ exec: ["a", "1"] });
    expect(bind({ command: "{{data}}" }, { data: "a b" })).toContain("expected a list of arguments");
    expect(mistakes({ command: "{{name}}" })[0]).toMatchObject({ code: "wrong-type" });
    expect(mistakes({ exec: "run {{name}}" })[0]).toMatchObject({ code: "wrong-type" });
    expect(mistakes({ command: "{{wrods}}" })[0]).toMatchObject({
      code: "unknown-name",
      hint: 'did you mean "words"?',
    });
  });

  it("a shell text is never templated: a mustache around a defined name is an error that says what to write", () => {
    expect(mistakes({ command: "curl localhost:{{port}}/" })[0]).toMatchObject({
      code: "mustache-in-shell",
      hint: 'write "$port"',
    });
    expect(mistakes({ command: "kill {{program.pid}}; true" })[0]?.code).toBe("mustache-in-shell");
    expect(mistakes({ command: "x {{#if port}}y{{/if}}" })[0]?.code).toBe("mustache-in-shell");
  });

  it("other braces of a shell text are left alone", () => {
    const text = `docker inspect -f '{{.State.Pid}} {{range .x}}{{nobody}}{{end}}' a; awk '{print $1}'; echo \${HOME}`;
    expect(bind({ command: text })).toEqual({ spec: { command: text }, exported: {} });
  });

  it("only names that occur in a shell text are exported, lists and objects as JSON", () => {
    const values = {
      port: 80,
      name: "it's $HOME",
      data: { a: [1] },
      at: new Date(0),
      words: ["x"],
      ports: [1],
      token: "s3cret!",
    };
    expect(
      bind({ command: `echo "$port" "\${name}x" "$data" $at "\${token}" \\$words $nobody $portable $PORT` }, values),
    ).toMatchObject({
      exported: { port: "80", name: "it's $HOME", data: '{"a":[1]}', at: "1970-01-01T00:00:00.000Z", token: "s3cret!" },
    });
  });

  it("shell texts deep inside a field count as well", () => {
    expect(bind({ ready: { by: "command", command: "test -e $name" } }, { name: "f" })).toMatchObject({
      exported: { name: "f" },
    });
  });

  it("a shell text that mentions a null name without a default fails before it runs", () => {
    expect(bind({ command: 'echo "$name"' }, { name: null })).toContain(
      `mentions $name, which is null; write \${name-}`,
    );
    expect(bind({ command: `echo \${name%x} \${name-}` }, { name: null })).toContain("mentions $name");
    expect(bind({ command: `echo \${name}$name` }, { name: new Absent("probe failed") })).toContain(
      "which is null: probe failed",
    );
  });

  it.each([
    `\${name-}`,
    `\${name:-x}`,
    `\${name+x}`,
    `\${name:+x}`,
    `\${name:=x}`,
    "name=1; echo $name",
    "for name in a; do echo $name; done",
    "read -r name; echo $name",
  ])("%s takes a null", (text) => {
    expect(bind({ command: text }, { name: null })).toEqual({ spec: { command: text }, exported: {} });
  });

  it.each([`\${name:?no}`, `\${name?}`, `\${#name}`, `\${name%x}`, `x \${name-} "$name"`])(
    "%s has nothing to take for a null, so it fails before it runs",
    (text) => {
      expect(bind({ command: text }, { name: null })).toContain("the shell text mentions $name, which is null");
    },
  );

  it("a name takes 128 KiB as an environment variable, more goes through stdin", () => {
    const fits = "x".repeat(128 * 1024 - "name=".length - 1);
    expect(bind({ command: "echo $name" }, { name: fits })).toMatchObject({ exported: { name: fits } });
    expect(bind({ command: "echo $name" }, { name: `${fits}x` })).toContain("give it to the command's stdin");
    expect(bind({ command: "echo $name" }, { name: "a\0b" })).toContain("zero byte");
    expect(bind({ command: "echo $name" }, { name: new CutText("a", "b", 5) })).toContain("was cut");
  });

  it("a name used before it can exist is an error, also in a shell text", () => {
    expect(mistakes({ command: "echo $opener" })[0]).toMatchObject({ code: "name-too-early" });
    expect(mistakes({ command: "opener=1; echo $opener" })).toEqual([]);
    expect(mistakes({ url: "{{opener}}" })[0]).toMatchObject({ code: "name-too-early" });
  });

  it("the shorthand of a real kind is bound like its long form", () => {
    const written = run.normalise?.("echo $name") ?? null;
    expect(bind(written, { name: "x" }, run)).toMatchObject({
      spec: { command: "echo $name" },
      exported: { name: "x" },
    });
    const list = run.normalise?.(["echo", "{{name}}"]) ?? null;
    expect(bind(list, { name: "x" }, run)).toMatchObject({ spec: { command: ["echo", "x"] } });
  });
});

describe("secrets", () => {
  it("may stand in shell texts, headers and bodies", () => {
    expect(
      mistakes({
        command: 'curl -H "$token"',
        headers: { authorization: "Bearer {{token}}" },
        json: { a: "{{token}}" },
        stdin: "{{token}}",
      }),
    ).toEqual([]);
  });

  it("never stand in argv, nor where they would be shown", () => {
    expect(mistakes({ command: ["curl", "-H", "{{token}}"] })[0]?.code).toBe("secret-in-argv");
    expect(mistakes({ exec: "{{token}}" })[0]?.code).toBe("secret-in-argv");
    expect(mistakes({ url: "http://h/?t={{token}}" })[0]?.code).toBe("secret-in-field");
  });
});

describe("conditions, patterns and steps", () => {
  it("a condition is checked against the runbook's names and the kind's own, and left as text", () => {
    expect(specOf({ until: "size(hits) > 3 && port == 80" })).toEqual({ until: "size(hits) > 3 && port == 80" });
    expect(compile({ until: "size(hits) > 3 && port == 80" }).template?.reads).toEqual(["port"]);
    expect(mistakes({ until: "hits.exists(h, h.gorutine == 1)" })[0]).toMatchObject({
      code: "unknown-field",
      hint: 'did you mean "goroutine"?',
    });
    expect(mistakes({ until: "size(hits)" })[0]).toMatchObject({ code: "wrong-type" });
  });

  it("a pattern is templated", () => {
    expect(specOf({ matches: "port={{port}}$" }, { port: 80 })).toEqual({ matches: "port=80$" });
  });

  it("a step is one that has begun", () => {
    expect(specOf({ of: "program", since: "program" })).toEqual({ of: "program", since: "program" });
    expect(mistakes({ of: "porgram" })[0]).toMatchObject({ code: "unknown-step", hint: 'did you mean "program"?' });
    expect(mistakes({ of: "opener" })[0]).toMatchObject({ code: "name-too-early" });
    expect(mistakes({ since: "nobody" })[0]).toMatchObject({ code: "unknown-step" });
    expect(specOf({ since: "30s" })).toEqual({ since: "30s" });
  });

  it("mistakes of all places are reported together, each underlined where it stands", () => {
    const written = { url: "http://{{prt}}/", json: { deep: ["{{nam}}"] }, until: "hts == null" };
    const { diagnostics } = compile(written);
    expect(diagnostics.map(({ code }) => code)).toEqual(["unknown-name", "unknown-name", "unknown-name"]);
    expect(
      diagnostics.map((found, index) => underlined([written.url, "{{nam}}", written.until][index] ?? "", found)),
    ).toEqual(["prt", "nam", "hts"]);
  });
});
