import { afterAll, beforeAll, expect, test } from "vitest";
import { CutText } from "../../src/model/value.js";
import { run } from "../../src/steps/run/index.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

const json = (value: unknown): string => JSON.stringify(value);

test("a shell text runs in a shell, with names as environment variables", async () => {
  const { result, failure } = await bench.observe(run, 'echo "port $port"; echo warn >&2', { env: { port: "80; id" } });
  expect(result).toEqual({
    exit_code: 0,
    signal: null,
    stdout: "port 80; id",
    stderr: "warn",
    truncated: false,
    lines: ["port 80; id"],
    json: null,
    rows: null,
  });
  expect(failure).toBeNull();
});

test("a list runs without a shell, and nothing in it is expanded", async () => {
  const { result } = await bench.observe(run, ["printf", "%s|", "$HOME", "a b", "*", ""]);
  expect(result.stdout).toBe("$HOME|a b|*||");
});

test("only the final newline is left off", async () => {
  const { result } = await bench.observe(run, String.raw`printf '\n a \n\n'`);
  expect(result.stdout).toBe("\n a \n");
});

test("what nothing else is read from has the lines that `parse: lines` would read", async () => {
  for (const text of ["", "\n", "a", "a\n", "a\n\n", "\na\r\nb\r", "a\r\n", "é\u0000\n"]) {
    const command = ["cat"];
    const { lines } = (await bench.observe(run, { command, stdin: text })).result;
    expect(lines, json(text)).toEqual(
      (await bench.observe(run, { command, stdin: text, parse: "lines" })).result.lines,
    );
    expect(lines).not.toBeNull();
  }
  expect((await bench.observe(run, "exit 1")).result.lines).toBeNull();
  expect((await bench.observe(run, { command: "echo 1", parse: "json" })).result.lines).toBeNull();
  const long = await bench.observe(run, "seq 1 100001");
  expect([long.result.lines, long.failure]).toEqual([null, null]);
});

test("standard input is given whole, lists and objects as JSON", async () => {
  expect((await bench.observe(run, { command: ["cat"], stdin: "a\n{{b}}" })).result.stdout).toBe("a\n{{b}}");
  expect((await bench.observe(run, { command: ["cat"], stdin: [1, { a: null }] })).result.stdout).toBe(
    '[1,{"a":null}]',
  );
  expect((await bench.observe(run, "cat")).result.stdout).toBe("");
});

test("another working directory and another shell can be chosen", async () => {
  const { result } = await bench.observe(run, {
    command: 'echo "$0 $PWD $BASH_VERSINFO"',
    shell: "bash",
    cwd: "/usr",
  });
  expect(result.stdout).toEqual(expect.stringMatching(/^bash \/usr \d/));
});

test("an exit code that is not expected fails the step with the last line of standard error", async () => {
  const { failure, result } = await bench.observe(run, "echo one >&2; echo two >&2; exit 7");
  expect(failure).toBe("expected exit code 0, found 7: two");
  expect(result.exit_code).toBe(7);
});

test("exit codes can be declared to be fine", async () => {
  const grep = { command: ["grep", "nothing", "/etc/hostname"], ok: [0, 1] };
  expect((await bench.observe(run, grep)).failure).toBeNull();
  expect((await bench.observe(run, { command: "exit 3", ok: [0, 1] })).failure).toBe(
    "expected exit code 0 or 1, found 3",
  );
});

test("a missing program is named", async () => {
  const { failure } = await bench.observe(run, ["no-such-program-here", "-v"]);
  expect(failure).toMatch(/^the program no-such-program-here was not found on the host/);
});

test("a command that a signal ended says which", async () => {
  const { failure, result } = await bench.observe(run, "kill -s KILL $$");
  expect(result).toMatchObject({ exit_code: null, signal: "SIGKILL" });
  expect(failure).toBe("the command was ended by SIGKILL");
});

test("bytes that are no text become replacement characters, and the evidence keeps them", async () => {
  const { result, captured } = await bench.observe(run, String.raw`printf 'a\377\000\033[31mb\303\251\n'`);
  expect(result.stdout).toBe("a\uFFFD\0\u001b[31mbé");
  expect(captured.get("stdout")).toMatchObject({ bytes: 12, truncated: false });
});

test("of a line of 10 MB both ends are kept and the cut is counted", async () => {
  const { result } = await bench.observe(run, "head -c 10000000 /dev/zero | tr '\\0' x; echo end");
  expect(result.stdout).toBeInstanceOf(CutText);
  expect(result.truncated).toBe(true);
  const text = result.stdout as CutText;
  expect(text.head).toHaveLength(32768);
  expect(text.tail.endsWith("xend")).toBe(true);
  expect(text.omittedBytes).toBe(10_000_004 - 65536);
});

test("a text that is cut inside a character loses no more than that character", async () => {
  const { result } = await bench.observe(run, "yes é | tr -d '\\n' | head -c 2000001");
  const { head, tail } = result.stdout as CutText;
  expect(new Set(head + tail.slice(0, -1))).toEqual(new Set(["é"]));
});

test("lines, JSON, a table and CSV are read", async () => {
  const parsed = async (command: string, parse: string) => (await bench.observe(run, { command, parse })).result;
  expect((await parsed("printf 'a\\r\\n\\nb'", "lines")).lines).toEqual(["a", "", "b"]);
  expect((await parsed(`echo '{"a":[1,null]}'`, "json")).json).toEqual({ a: [1, null] });
  expect((await parsed("printf 'PID  CMD\\n  1  init -x y\\n 22\\n'", "table")).rows).toEqual([
    { PID: "1", CMD: "init -x y" },
    { PID: "22", CMD: "" },
  ]);
  expect((await parsed(`printf 'a,b\\n"x,""y""",2\\n'`, "csv")).rows).toEqual([{ a: 'x,"y"', b: "2" }]);
});

test("a line ends with LF, CRLF or CR, but within quotes and for a pattern that names CR itself", async () => {
  const parsed = async (text: string, parse: string) =>
    (await bench.observe(run, { command: "cat", stdin: text, parse })).result;
  expect((await parsed("a\rb\r", "lines")).lines).toEqual(["a", "b"]);
  expect((await parsed("a\r\r\n\r\nb\nc\rd", "lines")).lines).toEqual(["a", "", "b", "c", "d"]);
  expect((await parsed("N V\r1 x\r2 y\r", "table")).rows).toEqual([
    { N: "1", V: "x" },
    { N: "2", V: "y" },
  ]);
  expect((await parsed('a,b\r"1\r\n2",3\r', "csv")).rows).toEqual([{ a: "1\r\n2", b: "3" }]);
  expect((await parsed("Server: nginx\r\nAge: 5\r\n", "^(?P<name>\\w+): (?P<value>.*)$")).rows).toEqual([
    { name: "Server", value: "nginx" },
    { name: "Age", value: "5" },
  ]);
  expect((await parsed("a\r\nb\r\n", "(?P<line>\\w\\r)\\n")).rows).toEqual([{ line: "a\r" }, { line: "b\r" }]);
});

test("a pattern yields a row for each match, over line ends and at lines", async () => {
  const { result } = await bench.observe(run, {
    command: "printf 'name: a\\nport: 1\\nname: b\\nport: 2\\n'",
    parse: "^name: (?P<name>\\w+)\\nport: (?P<port>\\d+)(?P<more>!)?$",
  });
  expect(result.rows).toEqual([
    { name: "a", port: "1", more: null },
    { name: "b", port: "2", more: null },
  ]);
});

test("a pattern that would hang a backtracking engine is read in linear time", async () => {
  const { result } = await bench.observe(run, {
    command: "head -c 100000 /dev/zero | tr '\\0' a",
    parse: "(?P<x>(a+)+)b",
  });
  expect(result.rows).toEqual([]);
});

test("bad JSON fails with its place", async () => {
  const observing = bench.observe(run, { command: "printf '{\\n \"a\": x}'", parse: "json" });
  await expect(observing).rejects.toThrow('expected JSON, found "x}" at line 2, column 7');
});

test("CSV with more columns than its header fails", async () => {
  const observing = bench.observe(run, { command: "printf 'a\\n1,2\\n'", parse: "csv" });
  await expect(observing).rejects.toThrow("expected 1 columns as in the header, found 2 in row 1");
});

test("an output that is too large to parse is refused with a remedy", async () => {
  const observing = bench.observe(run, { command: "head -c 17M /dev/zero", parse: "lines" });
  await expect(observing).rejects.toMatchObject({
    message: expect.stringContaining("at most 16 MiB"),
    remedy: expect.any(String),
  });
});

test("the output of a failed command is not parsed", async () => {
  const { failure, result } = await bench.observe(run, { command: "echo no json; exit 1", parse: "json" });
  expect(failure).toBe("expected exit code 0, found 1");
  expect(result).toMatchObject({ json: null, stdout: "no json" });
});

test.each([
  [{ command: "x", parse: "tabel" }, "no named group"],
  [{ command: "x", parse: "(?P<a>" }, "a pattern with an error"],
  [{ command: "x", parse: "(?=a)" }, "a pattern with an error"],
  [{ command: "x", stdn: "y" }, "stdn"],
  [{ command: [] }, ">=1"],
])("%j is refused", (written, message) => {
  expect(json(run.spec.safeParse(written).error?.issues)).toContain(message);
});

test("a run that is cancelled ends its command", async () => {
  const controller = new AbortController();
  const observing = bench.observe(run, "echo begun; exec sleep 60", { signal: controller.signal });
  setTimeout(() => controller.abort(), 200);
  const { result } = await observing;
  expect(result).toMatchObject({ signal: "SIGTERM", stdout: "begun" });
});

test("a plan shows the command as it would be typed", () => {
  expect(run.outline({ command: "ss -l | wc" }).commands).toEqual(["ss -l | wc"]);
  expect(run.outline({ command: ["ss", "-l", "a b", "‹port›"] })).toMatchObject({
    risk: "observe",
    tools: [{ any: ["ss"], advisory: true }],
    commands: ["ss -l 'a b' '‹port›'"],
  });
});
