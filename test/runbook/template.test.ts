import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { placeholders, plain } from "../../src/model/rich-text.js";
import { Absent, CutText, type Value } from "../../src/model/value.js";
import { compileRich, compileText, compileValue } from "../../src/runbook/template/template.js";
import type { Type } from "../../src/runbook/type.js";
import { located, nameTable, underlined } from "../support/located.js";

const dyn: Type = { kind: "dyn" };
const int: Type = { kind: "int" };
const string: Type = { kind: "string" };
const row: Type = { kind: "object", fields: { port: int, process: string } };

const names = nameTable(
  {
    port: int,
    name: string,
    command: { kind: "list", of: string },
    probe: { kind: "object", fields: { status: int, stdout: string, json: dyn } },
    rows: { kind: "list", of: row },
    data: dyn,
    item: dyn,
    at: { kind: "time" },
  },
  { later: new Map([["opener", "it is saved by a later step"]]) },
);

const scopeOf = (values: Record<string, Value>): ReadonlyMap<string, Value> => new Map(Object.entries(values));

function text(written: string, values: Record<string, Value>): string {
  const { template, diagnostics } = compileText(located(written), names);
  if (template === null) throw new Error(diagnostics[0]?.message);
  const rendered = template.render(scopeOf(values));
  return rendered.ok ? rendered.value : `failed: ${rendered.message}`;
}

function field(written: string, values: Record<string, Value>): Value {
  const { template, diagnostics } = compileValue(located(written), names);
  if (template === null) throw new Error(diagnostics[0]?.message);
  const rendered = template.render(scopeOf(values));
  return rendered.ok ? rendered.value : `failed: ${rendered.message}`;
}

function rich(written: string, values: Record<string, Value>): string {
  const { template, diagnostics } = compileRich(located(written), names);
  if (template === null) throw new Error(diagnostics[0]?.message);
  const rendered = template.render(scopeOf(values));
  return rendered.ok ? plain(rendered.value) : `failed: ${rendered.message}`;
}

const mistakes = (written: string, compile: typeof compileText | typeof compileRich = compileText) =>
  compile(located(written), names).diagnostics.map((found) => ({
    code: found.code,
    at: underlined(written, found),
    hint: found.hint,
  }));

describe("texts", () => {
  it("take values in place of mustaches, without escaping", () => {
    expect(text("http://127.0.0.1:{{port}}/{{ name }}", { port: 80, name: "<a> & 'b'" })).toBe(
      "http://127.0.0.1:80/<a> & 'b'",
    );
  });

  it("take lists and objects as JSON and times as RFC 3339", () => {
    const at = new Date("2026-01-02T03:04:05Z");
    expect(text("x {{command}} {{data}} {{at}}", { command: ["a", "b"], data: { at }, at })).toBe(
      'x ["a","b"] {"at":"2026-01-02T03:04:05.000Z"} 2026-01-02T03:04:05.000Z',
    );
  });

  it("leave braces alone that are no mustache", () => {
    const json = '{"a":{"b":[{}]}} $x }} { { {name} ';
    expect(text(json, {})).toBe(json);
    expect(text("\\{{.State.Pid}} {{port}}", { port: 1 })).toBe("{{.State.Pid}} 1");
  });

  it("fail with a sentence when a value inside is null", () => {
    expect(text("x {{port}}", { port: null })).toBe("failed: {{port}} is null");
    expect(text("x {{probe.status}}", { probe: { status: new Absent("probe was skipped") } })).toBe(
      "failed: {{probe.status}} is null: probe was skipped",
    );
    expect(text("x {{probe.json.a.b}}", { probe: { json: null } })).toBe("failed: {{probe.json.a.b}} is null");
  });

  it("fail when a value inside was cut, or data has no such key", () => {
    expect(text("x {{name}}", { name: new CutText("a", "b", 7) })).toBe(
      "failed: {{name}} was cut: 7 bytes were left out",
    );
    expect(text("x {{data.b}}", { data: { a: 1 } })).toBe('failed: {{data.b}}: there is no "b" in an object with a');
    expect(text("x {{data.length}}", { data: "text" })).toContain("failed: ");
  });

  it("reach into lists by index", () => {
    expect(text("{{rows.1.port}} {{rows.[0].port}} {{rows.length}}", { rows: [{ port: 1 }, { port: 2 }] })).toBe(
      "2 1 2",
    );
  });

  it("never reach what JavaScript adds to objects", () => {
    for (const key of ["constructor", "__proto__", "toString"])
      expect(text(`x {{data.${key}}}`, { data: {} })).toContain("failed: ");
    expect(text("{{data.constructor}}", { data: { constructor: "mine" } })).toBe("mine");
  });
});

describe("fields", () => {
  it("that are exactly one mustache keep their type", () => {
    expect(field("{{command}}", { command: ["a"] })).toEqual(["a"]);
    expect(field("{{port}}", { port: 80 })).toBe(80);
    expect(field("{{at}}", { at: new Date(0) })).toEqual(new Date(0));
    expect(field("{{port}}", { port: null })).toBeNull();
    expect(field("{{port}} ", { port: 80 })).toBe("80 ");
    expect(compileValue(located("{{rows.[0]}}"), names).type).toEqual(row);
    expect(compileValue(located("x{{rows.[0]}}"), names).type).toEqual(string);
  });

  it("show what has no value yet in an outline", () => {
    const { template } = compileText(located("http://{{name}}:{{port}}"), names);
    expect(template?.outline(scopeOf({ name: "localhost" }))).toBe("http://localhost:‹port›");
    expect(template?.reads).toEqual(["name", "port"]);
  });
});

describe("texts for people", () => {
  it("expand if, unless, else and each", () => {
    const values = {
      rows: [
        { port: 1, process: "a" },
        { port: 2, process: "b" },
      ],
      port: null,
    };
    expect(
      rich("{{#each rows}}{{@index}}:{{port}}={{this.process}}{{#unless @last}}, {{/unless}}{{/each}}", values),
    ).toBe("0:1=a, 1:2=b");
    expect(rich("{{#if port}}yes{{else}}no{{/if}}", values)).toBe("no");
    expect(rich("{{#if port}}a{{else if rows}}b{{/if}}", values)).toBe("b");
    expect(rich("{{#unless port}}none{{/unless}}", values)).toBe("none");
    expect(rich("{{#each command}}{{this}}{{else}}empty{{/each}}", { command: [] })).toBe("empty");
    expect(rich("{{#each rows as |r n|}}{{n}}{{r.port}}{{/each}}", values)).toBe("0112");
    expect(rich("{{#each data}}{{@key}}={{this}};{{/each}}", { data: { a: 1, b: "x" } })).toBe("a=1;b=x;");
  });

  it("see the names of the runbook inside of each, and the outer element by ../", () => {
    const values = { rows: [{ port: 1, process: "a" }], name: "host", data: [{ id: 7, inner: [{ id: 8 }] }] };
    expect(rich("{{#each rows}}{{name}} {{port}}{{/each}}", values)).toBe("host 1");
    expect(rich("{{#each data}}{{#each inner}}{{../id}}{{id}} {{name}}{{/each}}{{/each}}", values)).toBe("78 host");
  });

  it("leave no empty line where a block stands by itself", () => {
    expect(rich("{{#each command}}\n- {{this}}\n{{/each}}\nend", { command: ["a", "b"] })).toBe("- a\n- b\nend");
  });

  it("fail when a value is null and show a cut one as such", () => {
    expect(rich("x {{port}}", { port: null })).toBe("failed: {{port}} is null");
    expect(rich("{{name}}", { name: new CutText("head", "tail", 9) })).toContain("9 bytes left out");
  });

  it("give up on what grows without end", () => {
    const data = Array.from({ length: 3000 }, (_, n) => n);
    expect(rich("{{#each data}}{{#each ../data}}{{/each}}{{/each}}", { data })).toContain(
      "failed: the text has more than",
    );
  });
});

describe("a value never becomes markup", () => {
  const runs = 500;
  const seed = Date.now();
  const markdown = new MarkdownIt({ html: false });
  const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "# h",
      "`",
      "```\ncode",
      "[a](http://x)",
      "<b>",
      "**b**",
      "\n\n- x\n",
      "\uE0000\uE001",
      "\uE000\uE001",
      "{{port}}",
      "&amp;",
      "|",
      "~~~",
    ),
    fc
      .array(
        fc.constantFrom("`", "*", "_", "[", "]", "(", ")", "<", ">", "#", "\n", " ", "a", "\uE000", "\uE001", "0"),
        { maxLength: 30 },
      )
      .map((all) => all.join("")),
  );

  it(`the structure of a note is the same for every value (${runs} values, seed ${seed})`, () => {
    const note =
      "# About {{name}}\n\n`{{name}}` and **{{data}}**\n\n- {{name}}\n\n| a | b |\n|---|---|\n| {{name}} | {{data}} |\n\n```\n{{data}}\n```\n[x](http://h/{{name}})";
    const { template } = compileRich(located(note), names);
    const structure = (name: string, data: string): string => {
      const rendered = template?.render(scopeOf({ name, data }));
      if (rendered?.ok !== true) throw new Error("a note with values that are not null renders");
      expect([...rendered.value.markdown.matchAll(placeholders)].map(([, index]) => Number(index))).toEqual(
        [0, 1, 2, 3, 4, 5, 6, 7].slice(0, rendered.value.values.length),
      );
      return markdown.render(rendered.value.markdown);
    };
    const expected = structure("x", "y");
    fc.assert(
      fc.property(hostile, hostile, (name, data) => {
        expect(structure(name, data)).toBe(expected);
      }),
      { numRuns: runs, seed },
    );
  });

  it("a placeholder in the author's own text is defused", () => {
    expect(rich("\uE0000\uE001 {{name}}", { name: "x" })).toBe("\uFFFD0\uFFFD x");
    expect(rich("{{name}}", { name: "a\uE0000\uE001b" })).toBe("a\uFFFD0\uFFFDb");
  });

  it("what is rendered into a value is not rendered again", () => {
    expect(rich("{{name}}", { name: "{{port}}", port: 1 })).toBe("{{port}}");
    expect(text("{{name}}", { name: "{{port}}", port: 1 })).toBe("{{port}}");
  });
});

describe("mistakes of the author", () => {
  it.each([
    ["http://{{prt}}/", "unknown-name", "prt", 'did you mean "port"?'],
    ["{{probe.sttus}}", "unknown-field", "sttus", 'did you mean "status"?'],
    ["{{opener.id}}", "name-too-early", "opener.id", undefined],
    ["{{name.first}}", "unknown-field", "first", undefined],
    ["{{{name}}}", "bad-mustache", "{{{name}}}", "values are put in as they are, two braces suffice"],
    ["{{&name}}", "bad-mustache", "{{&name}}", undefined],
    ["{{> part}}", "bad-mustache", "{{> part}}", undefined],
    ["{{upper name}}", "bad-mustache", "{{upper name}}", undefined],
    ["{{log name}}", "bad-mustache", "{{log name}}", undefined],
    ["{{lookup rows 0}}", "bad-mustache", "{{lookup rows 0}}", undefined],
    ['{{"text"}}', "bad-mustache", '"text"', undefined],
    [
      "docker inspect -f {{.State.Pid}} {{name}}",
      "bad-mustache",
      "{{.State.Pid}}",
      "write \\{{ for braces that are no mustache",
    ],
    ["{{rows.0}}", "bad-mustache", "{{rows.0}}", "write {{rows.[0]}}"],
    ["{{rows[0].port}}", "bad-mustache", "{{rows[0].port}}", "write {{rows.[0].port}}"],
    ["a {{name", "bad-mustache", "{{name", undefined],
    ["{{}}", "bad-mustache", "{{}}", undefined],
    ["{{#if port}}x{{/if}}", "bad-mustache", "{{#if port}}", undefined],
    ["{{this}}", "bad-mustache", "this", undefined],
    ["{{@index}}", "bad-mustache", "@index", undefined],
    ["{{*decorator}}", "bad-mustache", "{{*decorator}}", undefined],
  ])("%s", (written, code, at, hint) => {
    expect(mistakes(written)[0]).toMatchObject({ code, at });
    if (hint !== undefined) expect(mistakes(written)[0]?.hint).toBe(hint);
  });

  it.each([
    ["{{#if port}}x", "bad-mustache", "{{#if port}}"],
    ["{{#if port}}x{{/each}}", "bad-mustache", "{{/each}}"],
    ["{{#with probe}}x{{/with}}", "bad-mustache", "{{#with probe}}"],
    ["{{#each port}}x{{/each}}", "wrong-type", "port"],
    ["{{#each rows}}{{prot}}{{/each}}", "unknown-name", "prot"],
    ["{{#each rows}}{{this.prot}}{{/each}}", "unknown-field", "prot"],
    ["{{#if}}x{{/if}}", "bad-mustache", "{{#if}}"],
    ["{{{{raw}}}}x{{{{/raw}}}}", "bad-mustache", "{{{{raw}}}}"],
  ])("in a text for people: %s", (written, code, at) => {
    expect(mistakes(written, compileRich)[0]).toMatchObject({ code, at });
  });

  it("a text that nests blocks without end is a mistake, not a crash", () => {
    const deep = `${"{{#if port}}".repeat(5000)}x${"{{/if}}".repeat(5000)}`;
    expect(mistakes(deep, compileRich)[0]?.code).toBe("bad-mustache");
  });

  const runs = 2000;
  const seed = Date.now();
  it(`a text with plain mustaches alone means the same beside a comment, which only Handlebars takes (${runs} texts, seed ${seed})`, () => {
    const part = fc.constantFrom(
      "{{port}}",
      "{{ name }}",
      "{{probe.status}}",
      "{{\n port}}",
      "{{data.a.b}}",
      "{{this}}",
      "{{data.else}}",
      "{",
      "}",
      " ",
      "\n",
      "x",
      "{{",
      "}}",
      "\\",
    );
    const outcome = (written: string) => {
      const { template, diagnostics } = compileRich(located(written), names);
      const rendered = template?.render(
        scopeOf({ port: 1, name: "n", probe: { status: 2 }, data: { a: { b: 3 }, else: 4 } }),
      );
      return {
        codes: diagnostics.map(({ code }) => code),
        text: rendered?.ok === true ? plain(rendered.value) : rendered?.message,
      };
    };
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const written = parts.join("");
        expect(outcome(`x${written}`)).toEqual(outcome(`x{{!c}}${written}`));
      }),
      { numRuns: runs, seed },
    );
  });

  it(`no text crashes (${runs} texts, seed ${seed})`, () => {
    const part = fc.constantFrom(
      "{{",
      "}}",
      "{{{",
      "}}}",
      "#if ",
      "/if",
      "#each ",
      "/each",
      "else",
      "port",
      "name",
      "rows",
      "this",
      "@index",
      ".",
      "..",
      "/",
      " ",
      "\n",
      "~",
      "!",
      ">",
      "&",
      "*",
      '"',
      "[",
      "]",
      "\\",
      "x",
      "as |a|",
      "\r\n",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), fc.boolean(), (parts, forPeople) => {
        const written = parts.join("");
        const { template, diagnostics } = (forPeople ? compileRich : compileText)(located(written), names);
        expect(template === null).toBe(diagnostics.length > 0);
        template?.render(scopeOf({ port: 1, name: "x", rows: [] }));
        template?.outline(scopeOf({}));
      }),
      { numRuns: runs, seed },
    );
  });
});
