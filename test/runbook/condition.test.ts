import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Evaluation } from "../../src/model/scope.js";
import { Absent, CutText, type Value } from "../../src/model/value.js";
import { compileCondition } from "../../src/runbook/condition.js";
import type { NameTable } from "../../src/runbook/names.js";
import type { Type } from "../../src/runbook/type.js";
import { located, nameTable, underlined } from "../support/located.js";
import { processorTime } from "../support/processor-time.js";

const dyn: Type = { kind: "dyn" };
const string: Type = { kind: "string" };
const int: Type = { kind: "int" };
const list = (of: Type): Type => ({ kind: "list", of });
const object = (fields: Record<string, Type>, open?: true): Type => ({
  kind: "object",
  fields,
  ...(open && { open }),
});

/** Evaluates with names of unknown types, unless `types` says more. */
function evaluate(text: string, values: Record<string, Value> = {}, types: Record<string, Type> = {}): Evaluation {
  const names = nameTable({ ...Object.fromEntries(Object.keys(values).map((name) => [name, dyn])), ...types });
  const { condition, diagnostics } = compileCondition(located(text), names);
  if (condition === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return condition.evaluate(new Map(Object.entries(values)));
}

function value(text: string, values: Record<string, Value> = {}, types: Record<string, Type> = {}): Value {
  const found = evaluate(text, values, types);
  if (found.kind !== "value") throw new Error(JSON.stringify(found));
  return found.value;
}

const because = (text: string, values: Record<string, Value>): string => {
  const found = evaluate(text, values);
  return found.kind === "unknown" ? found.because : JSON.stringify(found);
};

const failure = (text: string, values: Record<string, Value> = {}): string => {
  const found = evaluate(text, values);
  return found.kind === "error" ? found.message : JSON.stringify(found);
};

const skipped = {
  outcome: "skipped",
  exit_code: new Absent("probe was skipped"),
  stdout: new Absent("probe was skipped"),
};
const cut = new CutText("head", "tail", 5000);

it("one text in several places is of the names of each", () => {
  const text = "probe.status == 200";
  const compiled = (type: Type | null) =>
    compileCondition(located(text), nameTable(type === null ? {} : { probe: type }));
  expect(compiled(object({ status: int })).condition?.evaluate(new Map([["probe", { status: 200 }]]))).toMatchObject({
    value: true,
  });
  expect(compiled(object({ status: string })).diagnostics.map(({ code }) => code)).toEqual(["text-with-number"]);
  expect(compiled(object({})).diagnostics.map(({ code }) => code)).toEqual(["unknown-field"]);
  expect(compiled(null).diagnostics.map(({ code }) => code)).toEqual(["unknown-name"]);
  expect(compiled(object({ status: int })).diagnostics).toEqual([]);
});

describe("values in conditions", () => {
  it("integers and doubles mix", () => {
    expect(value("1 == 1.0")).toBe(true);
    expect(value("x < 2.5 && 2.5 > x && x <= 2.0", { x: 2 })).toBe(true);
    expect(value("x + 0.5", { x: 2 })).toBe(2.5);
    expect(value("x in [1.0, 2.0]", { x: 2 })).toBe(true);
    expect(value("9007199254740993 == 9007199254740992.0")).toBe(false);
  });

  it("integers divide as integers, doubles as doubles even when they are whole", () => {
    expect(value("x / 2", { x: 5 })).toBe(2);
    expect(value("cpu / 2", { cpu: 5 }, { cpu: { kind: "double" } })).toBe(2.5);
    expect(
      value("rows.map(r, r.cpu / 2)", { rows: [{ cpu: 3 }] }, { rows: list(object({ cpu: { kind: "double" } })) }),
    ).toEqual([1.5]);
  });

  it("durations are integer milliseconds, also where CEL has its own", () => {
    const [from, to] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T00:00:01.500Z")];
    expect(value("to - from", { from, to })).toBe(1500);
    expect(value("to - from < limit", { from, to, limit: 2000 })).toBe(true);
    expect(value('to - from > duration("1s")', { from, to })).toBe(true);
    expect(value("(to - from).getSeconds()", { from, to })).toBe(1);
    expect(value("from + 1500 == to", { from, to })).toBe(true);
  });

  it("times are timestamps", () => {
    const at = new Date("2026-01-02T03:04:05Z");
    expect(value('at > timestamp("2026-01-01T00:00:00Z") && at.getHours() == 3', { at })).toBe(true);
    expect(value("string(at)", { at })).toBe("2026-01-02T03:04:05.000Z");
    expect(value("int(at)", { at })).toBe(1767323045);
  });

  it("text from parse is text until it is converted", () => {
    expect(value("int(r.pid) == 12", { r: { pid: "12" } })).toBe(true);
    expect(value("double(r.load) > 0.4", { r: { load: "0.5" } })).toBe(true);
    expect(failure("int(r.pid)", { r: { pid: "" } })).toContain('the text "" is no integer');
    expect(failure("int(r.pid)", { r: { pid: "0x10" } })).toContain("is no integer");
    expect(failure("double(r.load)", { r: { load: "" } })).toContain("is no number");
  });

  it.each([
    ["==", 'x == "22"'],
    ["!=", 'x != "22"'],
    ["in", 'x in ["22"]'],
    ["== inside of lists", '[x] == ["22"]'],
  ])("comparing text with a number by %s is an error, not false", (_, text) => {
    expect(failure(text, { x: 22 })).toContain('cannot be compared with the text "22"');
  });

  it("finds a number in a list that also holds text", () => {
    expect(value('x in ["a", 22]', { x: 22 })).toBe(true);
  });

  it("only yields the one element, or fails and shows the rows", () => {
    expect(value("only(rows.filter(r, r.port == 2)).port", { rows: [{ port: 1 }, { port: 2 }] })).toBe(2);
    expect(failure("only(rows)", { rows: [{ port: 1 }, { port: 2 }] })).toBe(
      'only(rows) needs exactly one element, found 2: {"port":1}, {"port":2}',
    );
    expect(failure("only(rows)", { rows: [] })).toBe("only(rows) needs exactly one element, found none");
    expect(failure("only(rows)", { rows: Array.from({ length: 9 }, (_, n) => n) })).toContain(
      "0, 1, 2, 3, 4, … 4 more",
    );
  });

  it("sum, min and max take the elements of a list, as + and < take two", () => {
    expect(value("sum(rows.map(r, r.n))", { rows: [{ n: 1 }, { n: 2 }] })).toBe(3);
    expect(value("sum(x) == 3.5 && sum([]) == 0", { x: [1, 2.5] })).toBe(true);
    expect(value("sum(x) / 2", { x: [2, 3] }, { x: list({ kind: "double" }) })).toBe(2.5);
    expect(value('[min(x), max(x), max(["b", "a"])]', { x: [3, 1, 2.5] })).toEqual([1, 3, "b"]);
    expect(value("max(x) - min(x)", { x: [new Date(5000), new Date(2000)] })).toBe(3000);
    expect(value("max(rows) == null", { rows: [] })).toBe(true);
    expect(because("sum(x) > 1", { x: [1, null] })).toBe("an element of x is null");
    expect(because("max(x) > 1", { x: [1, new Absent("probe was skipped")] })).toContain("probe was skipped");
    expect(failure("sum(x)", { x: ["12"] })).toBe(
      'sum() takes numbers, an element of x is the text "12": convert texts with int() or double()',
    );
    expect(failure("max(x)", { x: [{ a: 1 }] })).toContain("have no order");
    expect(failure("min(x)", { x: [1, "2"] })).toContain("have no order");
    expect(failure("sum([9223372036854775807, 1])")).toContain("does not fit into 64 bits");
  });

  it("first yields the first element or null", () => {
    expect(value("first(rows)", { rows: [7, 8] })).toBe(7);
    expect(evaluate("first(rows)", { rows: [] })).toMatchObject({ kind: "unknown", value: null });
    expect(value("first(rows) == null", { rows: [] })).toBe(true);
  });

  it("matches is RE2, anywhere in the text, linear in its length", () => {
    expect(value("x.matches('^a+b$')", { x: "aaab" })).toBe(true);
    expect(value("x.matches('b')", { x: "abc" })).toBe(true);
    const long = () =>
      expect(value("x.matches('(a+)+$') || x.matches('(a|a)*b')", { x: `${"a".repeat(50_000)}!` })).toBe(false);
    expect(processorTime(long)).toBeLessThan(2000);
    expect(failure("x.matches(p)", { x: "a", p: "(" })).toContain("is no RE2 pattern: missing closing )");
  });

  it("size counts lists, objects and characters", () => {
    expect(value("[size(l), size(o), size(t), l.size()]", { l: [1, 2], o: { a: 1 }, t: "aé🦆" })).toEqual([2, 1, 3, 2]);
  });

  it("has CEL's own functions and macros", () => {
    expect(value("l.all(x, x > 0) && l.exists(x, x == 3) && l.exists_one(x, x > 2)", { l: [1, 2, 3] })).toBe(true);
    expect(value("l.map(x, x * 2)", { l: [1, 2] })).toEqual([2, 4]);
    expect(value("l.map(x, x > 1, string(x))", { l: [1, 2] })).toEqual(["2"]);
    expect(value("o.exists(k, k == 'a')", { o: { a: 1 } })).toBe(true);
    expect(value('["a", "b"].join("-") + "x".upperAscii() + " c ".trim()')).toBe("a-bXc");
    expect(value('"a,b".split(",")')).toEqual(["a", "b"]);
    expect(value('[].join(",")')).toBe("");
    expect(value("type(x) == int && type('a') == string && type(null) == null_type", { x: 1 })).toBe(true);
    expect(value("x > 1 ? 'many' : 'one'", { x: 2 })).toBe("many");
    expect(value('{"a": 1, "b": [true]}')).toEqual({ a: 1, b: [true] });
    expect(value('"substring".substring(3, 6)')).toBe("str");
    expect(value('{"a": {"b": 1}} == {"a": {"b": 1.0}}')).toBe(true);
    expect(value("-x + 7 % 4 == 1 && 2u == 2", { x: 2 })).toBe(true);
    expect(value("'k' in o && !('z' in o)", { o: { k: null } })).toBe(true);
    expect(value('b"ab".size() == 2 && string(b"ab") == "ab"')).toBe(true);
  });

  it("takes keys that JavaScript knows as plain data", () => {
    const data: Value = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}');
    expect(value('d["__proto__"] + d.constructor + d.toString', { d: data })).toBe(6);
    expect(failure("d.hasOwnProperty", { d: data })).toContain(
      'd has no key "hasOwnProperty": it has __proto__, constructor, toString',
    );
    expect(value('"valueOf" in d', { d: data })).toBe(false);
    expect(value('{"__proto__": x}', { x: 1 })).toEqual(JSON.parse('{"__proto__": 1}'));
  });

  it("errors say what was met", () => {
    expect(failure("json.nmae", { json: { name: 1, size: 2 } })).toBe(
      'json has no key "nmae": it has name, size; did you mean name?',
    );
    expect(failure("rows[2]", { rows: [1] })).toBe("rows has 1 elements, so none at index 2 (the first is 0)");
    expect(failure("1 / x", { x: 0 })).toBe("1 / 0: division by zero");
    expect(failure("x && true", { x: "yes" })).toBe('x must be true or false, it is the text "yes"');
    expect(failure("x < y", { x: "a", y: 1 })).toContain("have no order");
    expect(failure("x + y", { x: "a", y: 1 })).toContain("write string(…) around the other");
    expect(failure("x.port", { x: [1] })).toContain(
      "x is a list of 1, which has no field port: take one element, as in x[0]",
    );
    expect(failure("x + x", { x: 9007199254740991 })).toContain("beyond ±9007199254740991");
    expect(failure("x.startsWith('a')", { x: 5 })).toContain(".startsWith() of the number 5 cannot take");
    expect(failure('"ab".substring(9)')).toContain("start index out of range");
    expect(failure("9223372036854775807 + x", { x: 1 })).toContain("does not fit into 64 bits");
  });
});

describe("unknown is not false", () => {
  it("a condition that is null is unknown, and save keeps the null", () => {
    expect(evaluate("source", { source: null })).toMatchObject({ kind: "unknown", value: null });
    expect(evaluate("p.exit_code", { p: skipped })).toMatchObject({ kind: "unknown", because: "probe was skipped" });
  });

  it("what cannot be evaluated because of a null is unknown, and says which", () => {
    expect(because("p.stdout.contains('x')", { p: skipped })).toBe("p.stdout is null: probe was skipped");
    expect(because("x > 3", { x: null })).toBe("x is null");
    expect(because("x + 1 == 3", { x: null })).toBe("x is null");
    expect(because("x.y.z == 3", { x: { y: null } })).toBe("x.y is null");
    expect(because("x.exists(e, e > 1)", { x: null })).toBe("x is null");
    expect(because("size(x) > 0", { x: null })).toBe("x is null");
    expect(because("!x", { x: null })).toBe("x is null");
    expect(because("x[0] == 1", { x: null })).toBe("x is null");
    expect(because("1 in x", { x: null })).toBe("x is null");
    expect(because("int(x) == 1", { x: null })).toBe("x is null");
    expect(because("x ? true : false", { x: null })).toBe("x is null");
    expect(because("only(x) == 1", { x: null })).toBe("x is null");
    expect(because("rows.filter(r, r > 1) == [2]", { rows: [null, 2] })).toBe("r is null");
  });

  it("an absent value is null, but compares with nothing else", () => {
    expect(value("p.exit_code == null", { p: skipped })).toBe(true);
    expect(value("null != p.exit_code", { p: skipped })).toBe(false);
    expect(because("p.exit_code != 0", { p: skipped })).toBe("p.exit_code is null: probe was skipped");
    expect(because("p.exit_code == 0", { p: skipped })).toContain("probe was skipped");
    expect(because("p.exit_code in [0, 1]", { p: skipped })).toContain("probe was skipped");
    expect(because("p.exit_code == x", { p: skipped, x: null })).toContain("probe was skipped");
    expect(value("p.outcome == 'skipped'", { p: skipped })).toBe(true);
  });

  it("a plain null equals only null", () => {
    expect(value("x == null && x != 5 && !(x == 'a')", { x: null })).toBe(true);
  });

  it("a value that was cut makes what reads it unknown, and only that", () => {
    expect(because("p.stdout.contains('x')", { p: { stdout: cut } })).toBe(
      "p.stdout was cut: 5000 bytes were left out",
    );
    expect(because("p.stdout == 'x'", { p: { stdout: cut } })).toContain("was cut");
    expect(because("p.stdout + 'x' != ''", { p: { stdout: cut } })).toContain("was cut");
    expect(value("p.stdout != null && p.exit_code == 0", { p: { stdout: cut, exit_code: 0 } })).toBe(true);
    expect(evaluate("p.stdout", { p: { stdout: cut } })).toMatchObject({ kind: "unknown", value: cut });
  });

  it("a decided operand decides && and ||, on either side", () => {
    const values = { u: null, t: true, f: false, d: {} };
    expect(value("u && f", values)).toBe(false);
    expect(value("f && u", values)).toBe(false);
    expect(value("u || t", values)).toBe(true);
    expect(value("t || u", values)).toBe(true);
    expect(because("u && t", values)).toBe("u is null");
    expect(because("f || u", values)).toBe("u is null");
    expect(value("d.missing || t", values)).toBe(true);
    expect(failure("d.missing && u", values)).toContain("no key");
  });

  it("an element that decides makes up for unknown ones", () => {
    expect(value("l.exists(x, x > 1)", { l: [null, 2] })).toBe(true);
    expect(value("l.all(x, x > 1)", { l: [null, 1] })).toBe(false);
    expect(because("l.exists(x, x > 5)", { l: [null, 2] })).toBe("x is null");
    expect(value("2 in l", { l: [new Absent("skipped"), 2] })).toBe(true);
  });

  it("has is safe at any depth", () => {
    const values = { r: { json: { a: { b: null } }, n: null, list: [1] }, p: skipped };
    expect(value("has(r.json.a.b)", values)).toBe(true);
    expect(value("has(r.json.x.y.z) || has(r.n.a) || has(r.list.a) || has(p.exit_code) || has(p.x.y)", values)).toBe(
      false,
    );
    expect(value("r.list.exists(e, has(e.a))", values)).toBe(false);
    expect(value("has(r.n)", { r: { n: null } }, { r: object({ n: int }) })).toBe(false);
  });

  it("a field of a result that is not there is null", () => {
    expect(value("r.json == null", { r: {} }, { r: object({ json: dyn }) })).toBe(true);
  });
});

describe("what a condition tells of itself", () => {
  it("lists the paths it reads as written", () => {
    const names = nameTable({ result: dyn, port: int, known: list(int) });
    const { condition } = compileCondition(
      located(
        "result.status == 200 && result.rows.exists(r, r.port == port && !(r.port in known)) && has(result.json.a.b)",
      ),
      names,
    );
    expect(condition?.reads).toEqual(["result.status", "result.rows", "port", "known", "result.json.a.b"]);
  });

  it("shows the values it met, shortened", () => {
    const rows = Array.from({ length: 50 }, (_, n) => ({ port: n }));
    const { seen } = evaluate("r.status == 200 || r.text == 'x' || rows.exists(e, e.port == 99)", {
      r: { status: 404, text: "y".repeat(10_000) },
      rows,
    });
    expect(seen["r.status"]).toBe(404);
    expect(String(seen["r.text"]).length).toBeLessThan(400);
    expect(JSON.stringify(seen.rows)).toContain("… 45 more");
    expect(Object.keys(seen)).toEqual(["r.status", "r.text", "rows"]);
  });

  it("shows where a path ended", () => {
    expect(evaluate("r.a.b.c == 1", { r: { a: null } }).seen).toEqual({ "r.a": null });
  });

  it("knows the type of what it yields", () => {
    const names = nameTable({ rows: list(object({ port: int, name: string })), at: { kind: "time" } });
    const typeOf = (text: string): Type => compileCondition(located(text), names).type;
    expect(typeOf("only(rows.filter(r, r.port > 1)).port")).toEqual(int);
    expect(typeOf("rows.map(r, r.name)")).toEqual(list(string));
    expect(typeOf("rows.size() > 1")).toEqual({ kind: "bool" });
    expect(typeOf("at - at")).toEqual(int);
    expect(typeOf('{"a": rows[0].port / 2.0}')).toEqual(object({ a: { kind: "double" } }));
    expect(typeOf("first(rows)")).toEqual(object({ port: int, name: string }));
    expect(typeOf("sum(rows.map(r, r.port))")).toEqual(int);
    expect(typeOf("max(rows.map(r, r.name))")).toEqual(string);
  });
});

describe("mistakes of the author", () => {
  const names = nameTable(
    {
      probe: object({ status: int, body: string, headers: object({}, true) }),
      sockets: list(object({ protocol: string, port: int })),
      port: int,
      started: { kind: "time" },
    },
    { later: new Map([["opener", "it is saved by a later step"]]) },
  );
  const mistakes = (text: string, table: NameTable = names) =>
    compileCondition(located(text), table).diagnostics.map((found) => ({
      code: found.code,
      at: underlined(text, found),
      message: found.message,
      hint: found.hint,
    }));

  it.each([
    ["prt == 1", "unknown-name", "prt", 'did you mean "port"?'],
    ["opener == null", "name-too-early", "opener", undefined],
    ["probe.sttus == 200", "unknown-field", "sttus", 'did you mean "status"?'],
    ['probe["sttus"] == 200', "unknown-field", '"sttus"', 'did you mean "status"?'],
    ["size(sockets.filter(s, s.prot == 'tcp')) > 0", "unknown-field", "prot", undefined],
    ["sockets.filter(s, t.port == 1) == []", "unknown-name", "t", undefined],
    ["sockets.port == 1", "unknown-field", "port", undefined],
    ['probe.status == "200"', "text-with-number", 'probe.status == "200"', "write 200, without quotes"],
    ['port in ["1"]', "text-with-number", 'port in ["1"]', "write 1, without quotes"],
    ["port == true", "wrong-type", "port == true", undefined],
    ['started > "2026"', "wrong-type", 'started > "2026"', "convert the text with timestamp(…)"],
    ["probe.body + 1 == ''", "wrong-type", "probe.body + 1", "write string(…) around the other"],
    ["port && true", "wrong-type", "port", undefined],
    ["sizee(sockets) > 1", "unknown-function", "sizee(sockets)", 'did you mean "size"?'],
    ["probe.body.contain('x')", "unknown-function", ".contain('x')", 'did you mean "contains"?'],
    ["sockets.first() == 1", "unknown-function", ".first()", "write first(sockets)"],
    ["sockets.sum() == 1", "unknown-function", ".sum()", "write sum(sockets)"],
    ["sockets.isEmpty()", "unknown-function", ".isEmpty()", "CEL calls it size(…) == 0"],
    [
      "sockets.reverse() == []",
      "unknown-function",
      ".reverse()",
      "a list of object has all, exists, exists_one, filter, map, size, join",
    ],
    ["probe.body.reverse() == ''", "unknown-function", ".reverse()", expect.stringMatching(/^a text has .*\bsplit\b/)],
    ["average(1) == 1", "unknown-function", "average(1)", expect.stringMatching(/^there are .*\bint\b.*\bsum\b/)],
    ["sum(sockets) == 1", "wrong-type", "sum(sockets)", undefined],
    [
      "sum(sockets.map(s, s.protocol)) == 1",
      "wrong-type",
      "sum(sockets.map(s, s.protocol))",
      "convert the texts: sum(rows.map(r, int(r.size)))",
    ],
    ["max(sockets) == null", "wrong-type", "max(sockets)", undefined],
    ["max(port) == 1", "wrong-type", "max(port)", undefined],
    ["sum(1, 2) == 1", "wrong-arguments", "sum(1, 2)", undefined],
    ["probe.body in [nginx]", "unknown-name", "nginx", 'a text stands in quotes: "nginx"'],
    [
      "contains(probe.body, 'x')",
      "unknown-function",
      "contains(probe.body, 'x')",
      "it is called as a method: value.contains(…)",
    ],
    ["probe.status.startsWith('2')", "wrong-type", ".startsWith('2')", "write string(…).startsWith(…)"],
    ["probe.body.contains()", "wrong-arguments", ".contains()", undefined],
    ["sockets.filter(s) == []", "wrong-arguments", ".filter(s)", undefined],
    ["probe.body.matches('(')", "bad-pattern", "'('", undefined],
    ["'a' in probe.body", "wrong-type", "probe.body", "write probe.body.contains('a')"],
    ["port.all(x, x)", "wrong-type", "port", undefined],
    ["has(port)", "wrong-type", "port", undefined],
    ["port = 1", "cel-syntax", "=", "write == to compare"],
    ["port == 1 and true", "cel-syntax", "and", "write &&"],
    ["port ==", "cel-syntax", "", undefined],
    ["'abc", "cel-syntax", "'abc", undefined],
    ["{{port}} == 1", "cel-syntax", "{{port}}", "conditions are CEL: write the name without mustaches"],
    ["", "cel-syntax", "", undefined],
    ["(port == 1", "cel-syntax", "", undefined],
  ])("%s", (text, code, at, hint) => {
    expect(mistakes(text)[0]).toMatchObject({ code, at });
    if (hint !== undefined) expect(mistakes(text)[0]?.hint).toEqual(hint);
  });

  it("offers the near miss of a field in a macro", () => {
    expect(mistakes("sockets.exists(s, s.potocol == 'tcp')")[0]?.hint).toBe('did you mean "protocol"?');
  });

  it("says what was expected and what was found", () => {
    expect(mistakes("port == 1 +")[0]?.message).toBe("expected a value, found the end");
    expect(mistakes("(port == 1")[0]?.message).toBe("expected ), found the end");
    expect(mistakes("probe.sttus == 1")[0]?.message).toBe('expected a field of probe, found "sttus"');
  });

  it("reports all mistakes of a condition together", () => {
    expect(mistakes("prt == 1 && probe.sttus == 2 && sizee(1) == 1")).toHaveLength(3);
  });

  it("finds nothing wrong with what may be right", () => {
    for (const text of [
      "probe.headers.anything.below == 5",
      "probe.headers['content-type'] == 'x'",
      "probe.body == null",
      "port == 1.5",
      "sockets.map(s, s.port).exists(p, p == port)",
      "first(sockets).port == 3",
      "size(probe.body) > 3 && probe.body.size() > 3",
    ]) {
      expect(mistakes(text), text).toEqual([]);
    }
  });
});

describe("bounds", () => {
  const within = (milliseconds: number, run: () => void): void => {
    expect(processorTime(run)).toBeLessThan(milliseconds);
  };

  it("nested macros end with an error instead of running for hours", () => {
    const l = Array.from({ length: 2000 }, (_, n) => n);
    within(5000, () =>
      expect(failure("l.all(a, l.all(b, l.all(c, a + b + c >= 0)))", { l })).toContain("too many steps"),
    );
  });

  it("goes through a list of 100,000 rows and refuses a longer one", () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => ({ port: n }));
    within(3000, () => expect(value("size(rows.filter(r, r.port % 2 == 0 && r.port > 10))", { rows })).toBe(49_994));
    expect(failure("rows.exists(r, r == 1)", { rows: Array.from({ length: 100_001 }, () => 0) })).toContain(
      "more than the 100000",
    );
    expect(failure("1 in rows", { rows: Array.from({ length: 100_001 }, () => 0) })).toContain("more than the 100000");
  });

  it("texts and lists that double in every step end with an error", () => {
    const doubling = (start: string, step: string): string => `${start}${`.map(x, ${step})`.repeat(60)}`;
    within(20_000, () => {
      expect(failure(`size(${doubling('["ab"]', "x + x")})`)).toContain("longer than");
      expect(failure(doubling("[1]", "[x, x]"))).toContain("too many steps");
      expect(failure(`${doubling("[1]", "[x, x]")} == ${doubling("[1]", "[x, x]")}`)).toContain("too many steps");
    });
  });

  it("data nested deeper than the stack is compared with a message", () => {
    let deep: Value = [];
    for (let level = 0; level < 20_000; level++) deep = [deep];
    expect(failure("a == b", { a: deep, b: [deep] })).toContain("nested deeper than 500 levels");
    expect(evaluate("a", { a: deep }).kind).toBe("value");
  });

  it("a text that nests or chains without end is a mistake, not a crash", () => {
    for (const text of [
      "!".repeat(100_000),
      "(".repeat(7000),
      "[".repeat(7000),
      "-".repeat(7900),
      `1${"+1".repeat(3900)}`,
      `x${".y".repeat(3900)}`,
    ]) {
      const { diagnostics } = compileCondition(located(text), nameTable({ x: dyn }));
      expect(diagnostics[0]?.code).toBe("cel-syntax");
    }
  });
});

describe("any input", () => {
  const runs = 2000;
  const seed = Date.now();
  const words = [
    "x",
    "y.a",
    "rows",
    "1",
    "2.5",
    '"t"',
    "null",
    "true",
    "==",
    "!=",
    "in",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "<",
    "(",
    ")",
    "[",
    "]",
    ".",
    ",",
    "?",
    ":",
    "{",
    "}",
    "size(",
    "rows.filter(r,",
    "r",
    "has(",
    "only(",
    "first(",
    ".matches('a+')",
    ".map(e, e)",
    "[0]",
    "'",
    "\\",
  ];

  it(`never throws and never hangs (${runs} texts, seed ${seed})`, () => {
    const names = nameTable({ x: dyn, y: object({ a: int }), rows: list(object({ a: string })) });
    const value: fc.Arbitrary<Value> = fc.oneof(
      fc.jsonValue().map((found) => found as Value), // JSON is a value
      fc.constant(cut),
      fc.constant(new Absent("skipped")),
      fc.date({ noInvalidDate: true }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "grapheme", maxLength: 40 }),
          fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((all) => all.join(" ")),
        ),
        value,
        value,
        (text, x, rows) => {
          const { condition } = compileCondition(located(text), names);
          const found = condition?.evaluate(
            new Map<string, Value>([
              ["x", x],
              ["y", { a: 1 }],
              ["rows", rows],
            ]),
          );
          if (found?.kind === "error") expect(found.message).not.toBe("");
          if (found?.kind === "unknown") expect(found.because).not.toBe("");
        },
      ),
      { numRuns: runs, seed },
    );
  });

  it(`equality is symmetric and agrees with != (${runs} pairs, seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const values = { a: a as Value, b: b as Value }; // JSON is a value
        const [equal, reversed, differ] = [
          evaluate("a == b", values),
          evaluate("b == a", values),
          evaluate("a != b", values),
        ];
        expect(reversed.kind).toBe(equal.kind);
        if (equal.kind === "value" && differ.kind === "value") expect(differ.value).toBe(!equal.value);
        expect(value("a == a", values)).toBe(true);
      }),
      { numRuns: runs, seed },
    );
  });
});
