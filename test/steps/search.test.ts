import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CutText } from "../../src/model/value.js";
import { search } from "../../src/steps/search/index.js";
import { fileFilter } from "../../src/steps/search/read-files.js";
import { tools } from "../../src/steps/search/spec.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
let tree: string;
beforeAll(async () => {
  bench = await createBench();
  tree = join(bench.folder, "tree");
  const file = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  };
  file(".gitignore", "ignored.go\n");
  file(".git/config", "net.Listen(0)\n");
  file("main.go", 'package main\n\nfunc main() {\n\tl, err := net.Listen("tcp", "127.0.0.1:0")\n\tuse(l)\n}\n');
  file("a b/ports_test.go", 'net.Listen("tcp", ":0")\n');
  file("vendor/x/x.go", 'net.Listen("tcp", ":0")');
  file("ignored.go", "net.Listen(1)\r\nnet.Listen(2)\r\n");
  file(".hidden.go", "net.Listen(3)\n");
  file("notes.md", "net.Listen é\n");
  file("latin.go", Buffer.from("// \xff caf\xe9 net.Listen(4)\n", "latin1"));
  file("binary.go", Buffer.from("net.Listen(5)\n\0\0\n"));
  file("long.go", `${"x".repeat(100_000)}net.Listen(6)${"y".repeat(100_000)}\n`);
  symlinkSync("main.go", join(tree, "link.go"));
});
afterAll(async () => await bench[Symbol.asyncDispose]());

type Found = { file: string; line: number; column: number; text: unknown; before: unknown[]; after: unknown[] };

/** A PATH with nothing but one search program. */
function only(tool: string): Readonly<Record<string, string>> {
  const folder = join(bench.folder, `bin-${tool}`);
  mkdirSync(folder, { recursive: true });
  const found = ["/usr/bin", "/bin", "/usr/local/bin"].map((path) => join(path, tool)).find(existsSync);
  if (found !== undefined && !existsSync(join(folder, tool))) symlinkSync(found, join(folder, tool));
  return { PATH: folder };
}

describe.each(tools)("with %s", (tool) => {
  const find = async (written: Record<string, unknown>) => {
    const spec = JSON.parse(JSON.stringify({ in: tree, ...written }));
    const observed = await bench.observe(search, spec, { env: only(tool) });
    expect(observed.observation).toMatchObject({ tool });
    const { matches, count, truncated } = observed.result;
    return { matches: matches as Found[], count, truncated };
  };

  test("every text file is searched, in the order of files and lines", async () => {
    const { matches, count, truncated } = await find({ code: "net\\.Listen" });
    expect(matches.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      ".hidden.go:1:1",
      "a b/ports_test.go:1:1",
      "ignored.go:1:1",
      "ignored.go:2:1",
      "latin.go:1:11",
      "long.go:1:100001",
      "main.go:4:12",
      "notes.md:1:1",
      "vendor/x/x.go:1:1",
    ]);
    expect({ count, truncated }).toEqual({ count: 9, truncated: false });
  });

  test("files and folders are chosen by globs", async () => {
    const files = async (written: object) =>
      (await find({ code: "net\\.Listen", ...written })).matches.map(({ file }) => file);
    expect(await files({ files: ["*.md"] })).toEqual(["notes.md"]);
    expect(await files({ files: ["vendor/**/*.go", "a b/*"] })).toEqual(["a b/ports_test.go", "vendor/x/x.go"]);
    expect(await files({ files: ["*.{md,txt}"] })).toEqual(["notes.md"]);
    expect(await files({ files: ["*_test.go", "x.go"], except: ["vendor"] })).toEqual(["a b/ports_test.go"]);
    expect(await files({ files: ["*.go"], except: ["*_test.go", "ignored.go", "l*.go", "vendor/x/", ".*"] })).toEqual([
      "main.go",
    ]);
  });

  test("the lines around a match come with it", async () => {
    const { matches } = await find({ code: "net\\.Listen", in: join(tree, "main.go"), context: 2 });
    expect(matches).toEqual([
      {
        file: "main.go",
        line: 4,
        column: 12,
        text: '\tl, err := net.Listen("tcp", "127.0.0.1:0")',
        before: ["", "func main() {"],
        after: ["\tuse(l)", "}"],
      },
    ]);
  });

  test("neighbouring matches are each other's context", async () => {
    const { matches } = await find({ code: "Listen\\(\\d", in: join(tree, "ignored.go"), context: 1 });
    expect(matches).toMatchObject([
      { line: 1, text: "net.Listen(1)", before: [], after: ["net.Listen(2)"] },
      { line: 2, text: "net.Listen(2)", before: ["net.Listen(1)"], after: [] },
    ]);
  });

  test("bytes that are no text are found around and replaced", async () => {
    const { matches } = await find({ code: "Listen\\(4\\)$" });
    expect(matches).toMatchObject([{ file: "latin.go", text: "// \uFFFD caf\uFFFD net.Listen(4)" }]);
  });

  test("a line that is too long is cut", async () => {
    const { matches } = await find({ code: "Listen\\(6\\)" });
    expect(matches[0]?.text).toBeInstanceOf(CutText);
    expect(matches[0]?.text).toMatchObject({ omittedBytes: 200_013 - 4096 });
  });

  test("more matches than the limit are counted and not kept", async () => {
    const { matches, count, truncated } = await find({ code: "net\\.Listen", limit: 2 });
    expect(matches).toHaveLength(2);
    expect({ count, truncated }).toEqual({ count: 9, truncated: true });
  });

  test("RE2 decides what matches: digits are those of ASCII, and a dash begins no option", async () => {
    expect((await find({ code: "-v|(?P<digit>\\d)\\)" })).count).toBe(5);
    expect((await find({ code: "[[:alpha:]]+\\.Listen é" })).matches.map(({ file }) => file)).toEqual(["notes.md"]);
  });

  test("nothing found is an answer", async () => {
    expect(await find({ code: "no such thing" })).toEqual({ matches: [], count: 0, truncated: false });
  });
});

test("a place that is not there fails the step", async () => {
  const missing = join(tree, "nowhere");
  await expect(bench.observe(search, { code: "x", in: missing })).rejects.toThrow(`found nothing at ${missing}`);
});

test("a host without any search program is told what to install", async () => {
  await expect(bench.observe(search, { code: "x", in: tree }, { env: only("none") })).rejects.toMatchObject({
    message: "expected one of rg, git, grep on the host to search with, found none",
    remedy: expect.stringContaining("ripgrep"),
  });
});

test.each([
  ["a.go", { files: ["*.go"] }, true],
  ["x/a.go", { files: ["*.go"] }, true],
  ["x/a.go", { files: ["/*.go"] }, false],
  ["a.go", { files: ["/*.go"] }, true],
  ["x/a.go", { files: ["x/*.go"] }, true],
  ["y/x/a.go", { files: ["x/*.go"] }, false],
  ["y/x/a.go", { files: ["**/x/*.go"] }, true],
  ["vendor/x/a.go", { except: ["vendor"] }, false],
  ["vendors/x/a.go", { except: ["vendor"] }, true],
  ["x/vendor/a.go", { except: ["/vendor/a.go"] }, true],
  ["x/.git2/a.go", { except: [".*"] }, false],
])("whether %s is meant by %j: %s", async (file, globs, meant) => {
  expect((await fileFilter(globs))(file)).toBe(meant);
});

test.each([
  [{ code: "(", in: "/" }, "missing closing )"],
  [{ code: "x" }, '"in"'],
  [{ code: "x", in: "/", context: -1 }, "0 to 100"],
  [{ issues: "a/b" }, "query"],
])("%j is refused", (written, message) => {
  expect(JSON.stringify(search.spec.safeParse(written).error?.issues).replaceAll("\\", "")).toContain(message);
});
