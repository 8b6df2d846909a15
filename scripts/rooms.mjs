import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build as bundle } from "esbuild";

/** @typedef {import("esbuild").Metafile["inputs"]} Graph */

/**
 * What is loaded together: whoever needs one of the modules gets all of them. Left alone, esbuild makes a file for every set of entries that
 * have modules in common, and node takes longer to find and open such a file than to read some modules more.
 *
 * @type {readonly ((path: string, graph: Graph) => boolean)[]}
 */
const rooms = [
  // Leaves, of some lines each.
  (path, graph) =>
    path === "src/version.ts" ||
    (/^src\/(?:model|util|commands\/(?:exit-code|unreadable|usage-error)\.ts$)/.test(path) &&
      graph[path]?.imports.every((one) => one.path.startsWith("src/")) === true),
  // What most step kinds share, and what describes their fields.
  (path) =>
    /^(?:src\/(?:model\/(?:result-)?fields|steps\/(?!socket-row)[\w-]+|util\/re2)\.ts$|node_modules\/zod\/)/.test(path),
  // What reads a runbook.
  (path) => /^src\/runbook\/(?:document|load)\.ts$/.test(path),
];

/**
 * Lets the entries of the command line import whole rooms.
 *
 * @type {import("esbuild").Plugin}
 */
export const together = {
  name: "together",
  async setup(build) {
    const { plugins = [], absWorkingDir = "", ...options } = build.initialOptions;
    const others = plugins.filter(({ name }) => name !== "together");
    const { metafile } = await bundle({ ...options, absWorkingDir, plugins: others, write: false, metafile: true });
    const graph = metafile.inputs;
    const members = rooms.map((holds) => Object.keys(graph).filter((path) => holds(path, graph)));
    const entries = Object.values(metafile.outputs).flatMap(({ entryPoint = "" }) => entryPoint);
    // The first entry, `src/cli.ts`, is to stay small, and packages know nothing of ours.
    const wanted = new Map(
      entries
        .filter((entry) => /^src\/.*\//.test(entry))
        .map((entry) => [join(absWorkingDir, entry), needed(graph, members, entry)]),
    );
    build.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
      const more = wanted.get(path);
      if (more === undefined) return null;
      const imports = more.map((one) => `import ${JSON.stringify(join(absWorkingDir, one))};\n`);
      return { loader: "ts", contents: `${await readFile(path, "utf8")}\n${imports.join("")}` };
    });
  },
};

/**
 * Our members of all rooms that an entry needs something of, itself or because of another room.
 *
 * @param {Graph} graph
 * @param {readonly (readonly string[])[]} rooms
 * @param {string} entry
 */
function needed(graph, rooms, entry) {
  const reached = new Set([entry]);
  const taken = new Set();
  for (const path of reached) {
    for (const { path: next, kind } of graph[path]?.imports ?? []) if (kind !== "dynamic-import") reached.add(next);
    for (const room of rooms.filter((members) => members.includes(path))) {
      taken.add(room);
      for (const member of room) reached.add(member);
    }
  }
  return [...taken].flat().filter((path) => path.startsWith("src/"));
}
