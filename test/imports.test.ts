import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Import {
  readonly from: string;
  /** A path of this project, or a package's name. */
  readonly to: string;
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => `src/${path}`);

/** Every static, dynamic and type import of the sources. */
const imports: readonly Import[] = sources.flatMap((from) => {
  const text = readFileSync(join(root, from), "utf8");
  const written = /^(?:import|export)\s(?:[^"';=()]*?\sfrom\s)?"([^"\n]+)"|\bimport\("([^"\n]+)"\)/gm;
  const specifiers = [...text.matchAll(written)].map((match) => match[1] ?? match[2] ?? "");
  return specifiers.map((specifier) => ({
    from,
    to: specifier.startsWith(".")
      ? relative(root, join(root, dirname(from), specifier)).replace(/\.js$/, ".ts")
      : specifier.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"),
  }));
});

/** `src/steps/run/index.ts` is in the room `steps`. */
const room = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? path;

const visible: Readonly<Record<string, readonly string[]>> = {
  model: [],
  util: [],
  delve: ["model", "util", "linux"],
  steps: ["model", "util", "linux", "delve"],
};

test("a folder imports only model, util and itself; cli.ts and commands alone combine folders", () => {
  const breaches = imports.filter(({ from, to }) => {
    const [here, there] = [room(from), room(to)];
    if (!to.startsWith("src/") || here === there || here === "commands" || here === "src/cli.ts") return false;
    return !(visible[here] ?? ["model", "util"]).includes(there);
  });
  expect(breaches).toEqual([]);
});

test("a step kind never imports another", () => {
  const kind = (path: string): string | null => /^src\/steps\/([^/]+)\//.exec(path)?.[1] ?? null;
  const breaches = imports.filter(({ from, to }) => {
    const [here, there] = [kind(from), kind(to)];
    return here !== null && there !== null && here !== there;
  });
  expect(breaches).toEqual([]);
});

const packageRooms: Readonly<Record<string, readonly string[]>> = {
  execa: ["targets"],
  yaml: ["runbook"],
  handlebars: ["runbook", "report"],
  "markdown-it": ["report"],
  commander: ["commands"],
  "@clack/prompts": ["commands"],
};

test("packages that shape the design stay in their rooms", () => {
  const breaches = imports.filter(({ from, to }) => packageRooms[to]?.includes(room(from)) === false);
  expect(breaches).toEqual([]);
});

test("sources import node's modules by their node: names, and no test", () => {
  const breaches = imports.filter(({ to }) => builtinModules.includes(to) || to.startsWith("test/"));
  expect(breaches).toEqual([]);
});

test("imports make no cycles", () => {
  const graph = new Map<string, string[]>();
  for (const { from, to } of imports) graph.set(from, [...(graph.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of sources) visit(path, []);
  expect(cycles).toEqual([]);
});

test("only cli.ts touches process, and the local target, whose environment and folder it is", () => {
  const touching = sources.filter((path) => {
    const text = readFileSync(join(root, path), "utf8").replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
    return /\bprocess\.(?:env|argv|std\w+|exit\w*|on|cwd)\b|from "node:process"/.test(text);
  });
  expect(touching).toEqual(["src/cli.ts", "src/targets/local/hold.ts", "src/targets/local/index.ts"]);
});

/** A limit that has a name stands where it is used. */
const inlined = (_: string, name: string, limit: string, rest: string): string =>
  rest.replaceAll(new RegExp(`\\b${name}\\b`, "g"), limit);

test("no time limit is combined in a way that forgets it", () => {
  // AbortSignal.any holds its sources weakly: src/util/time-limit.ts says what to take instead.
  const breaches = sources.filter((path) => {
    const text = readFileSync(join(root, path), "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
    return /AbortSignal\.any\([^;]*AbortSignal\.timeout\(/.test(
      text.replaceAll(/const (\w+) = (AbortSignal\.timeout\([^;]*);([^]*)/g, inlined),
    );
  });
  expect(breaches).toEqual([]);
});
