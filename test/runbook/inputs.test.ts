import { describe, expect, it } from "vitest";
import type { InputDeclaration } from "../../src/model/runbook.js";
import { resolveInputs } from "../../src/runbook/inputs.js";
import { processorTime } from "../support/processor-time.js";

const at = { offset: 0, line: 1, column: 1 };

const declare = (more: Partial<InputDeclaration> = {}): InputDeclaration => ({
  name: "x",
  about: null,
  type: "string",
  choices: [],
  default: undefined,
  optional: false,
  pattern: null,
  secret: false,
  place: { file: "t.yaml", start: at, end: at },
  ...more,
});

const resolve = (declaration: InputDeclaration, value: unknown) => {
  const resolved = resolveInputs([declaration], new Map([["x", value]]));
  return resolved.ok ? resolved.value.get("x") : resolved.diagnostics.map(({ message }) => message).join("; ");
};

describe("an input", () => {
  it.each([
    ["string", "1.20", "1.20"],
    ["string", "", ""],
    ["integer", "-12", -12],
    ["integer", 12, 12],
    ["number", "1e3", 1000],
    ["number", "-.5", -0.5],
    ["boolean", "true", true],
    ["boolean", false, false],
    ["duration", "250ms", 250],
    ["duration", "1.5h", 5_400_000],
    ["duration", 250, 250],
    ["size", "64KiB", 65_536],
    ["path", "/etc/hosts", "/etc/hosts"],
    ["list", '["a", 1, {"b": null}]', ["a", 1, { b: null }]],
    ["list", ["a", "b"], ["a", "b"]],
    ["list", "a, b", ["a, b"]],
    ["list", [], []],
  ] as const)("of type %s takes %j", (type, given, expected) => {
    expect(resolve(declare({ type }), given)).toEqual(expected);
  });

  it.each([
    ["string", ["a", "b"], 'input "x": expected text, found ["a","b"]'],
    ["integer", "1.5", 'input "x": expected an integer, found "1.5"'],
    ["integer", "", 'input "x": expected an integer, found ""'],
    ["integer", "0x10", 'input "x": expected an integer, found "0x10"'],
    [
      "integer",
      "9007199254740993",
      'input "x": expected an integer from -9007199254740991 to 9007199254740991, found "9007199254740993"',
    ],
    ["number", "Infinity", 'input "x": expected a number, found "Infinity"'],
    ["boolean", "yes", 'input "x": expected true or false, found "yes"'],
    ["duration", "30", 'input "x": expected a duration such as 250ms, 30s or 5m, found "30"'],
    ["duration", -1, 'input "x": expected a duration such as 250ms, 30s or 5m, found -1'],
    ["size", "64kb", 'input "x": expected a size such as 512B, 64KiB or 2GiB, found "64kb"'],
    ["path", "", 'input "x": expected a path, found ""'],
    ["list", "[1,", 'input "x": expected a list: JSON, or the option once for each element, found "[1,"'],
    ["list", `${"[".repeat(5000)}${"]".repeat(5000)}`, "expected a list"],
    ["path", "a\0b", 'input "x": expected text without NUL characters'],
  ] as const)("of type %s refuses %j", (type, given, message) => {
    expect(resolve(declare({ type }), given)).toContain(message);
  });

  it("that is a choice takes one of them and offers the near miss", () => {
    const choice = declare({ type: "choice", choices: ["kubelet", "etcd"] });
    expect(resolve(choice, "etcd")).toBe("etcd");
    expect(resolve(choice, "kublet")).toBe(
      'input "x": expected one of kubelet, etcd, found "kublet"; did you mean "kubelet"?',
    );
  });

  it("with a pattern matches it as a whole, in linear time; a list with each of its texts", () => {
    const pattern = declare({ pattern: "(a+)+|b" });
    expect(resolve(pattern, "aaa")).toBe("aaa");
    const long = () =>
      expect(resolve(pattern, `${"a".repeat(5000)}!`)).toContain("expected text that matches (a+)+|b as a whole");
    expect(processorTime(long)).toBeLessThan(2000);
    expect(resolve(declare({ type: "list", pattern: "[a-z]+" }), ["a", "B"])).toContain('found "B"');
    expect(resolve(declare({ type: "integer", pattern: "[1-9]" }), "12")).toContain("found");
  });

  it("that is secret is long enough, and never in a message", () => {
    const secret = declare({ secret: true, pattern: "[a-z]+" });
    expect(resolve(secret, "hunter")).toBe("hunter");
    expect(resolve(secret, "ab1")).toBe('input "x": expected at least 6 characters, as the value of a secret');
    expect(resolve(secret, "HUNTER22")).not.toContain("HUNTER22");
    expect(resolve(secret, ["HUNTER22"])).not.toContain("HUNTER22");
  });

  it("that is a list of numbers by its default takes numbers written as texts, and leaves others", () => {
    const ports = declare({ type: "list", default: [10248] });
    expect(resolve(ports, ["80", "443"])).toEqual([80, 443]);
    expect(resolve(ports, "8080")).toEqual([8080]);
    expect(resolve(ports, ["any", "1e3x"])).toEqual(["any", "1e3x"]);
    expect(resolve(declare({ type: "list", default: ["a"] }), ["80"])).toEqual(["80"]);
    expect(resolve(declare({ type: "list" }), ["080"])).toEqual(["080"]);
  });

  it("without a value is its default, null when optional, else missing", () => {
    expect(resolve(declare({ default: "d" }), null)).toBe("d");
    expect(resolve(declare({ optional: true }), undefined)).toBeNull();
    expect(resolve(declare({ about: "the port", type: "integer" }), null)).toBe(
      'input "x" is missing: expected an integer (the port)',
    );
  });
});

it("all that is missing, bad or unknown is reported together", () => {
  const declarations = [
    declare({ name: "port", type: "integer" }),
    declare({ name: "host" }),
    declare({ name: "token", secret: true }),
  ];
  const resolved = resolveInputs(
    declarations,
    new Map([
      ["port", "x"],
      ["hst", "y"],
    ] as const),
  );
  expect(resolved.ok ? [] : resolved.diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
    ["bad-input", undefined],
    ["missing-input", "give -i host=…"],
    ["missing-input", "set CASEBOOK_INPUT_TOKEN, or give -i token=@FILE"],
    ["unknown-input", 'did you mean "host"?'],
  ]);
});
