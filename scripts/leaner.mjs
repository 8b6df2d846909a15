import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const evaluator = /[/\\]cel-js[/\\]lib[/\\]evaluator\.js$/;

/**
 * What packages do when they are loaded, or bring with them, that nothing here needs: a file, what stands there and what takes its place.
 * Each start of the command line pays for these.
 *
 * @type {readonly { readonly file: RegExp, readonly written: string | RegExp, readonly instead: string }[]}
 */
const edits = [
  // zod's messages in fifty languages, a third of the bundle; the one in use is imported by itself.
  { file: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/, written: /^[^]*$/, instead: "export {};" },
  // Maps from compiled templates to their sources, by a package that Handlebars does without where it is missing.
  { file: /[/\\]source-map[/\\]source-map\.js$/, written: /^[^]*$/, instead: "module.exports = {};" },
  // What starts programs, for subcommands that are programs of their own.
  { file: /[/\\]commander[/\\]lib[/\\]command\.js$/, written: "require('node:child_process')", instead: "{}" },
  // An environment for those who make none; as a pure expression it falls away.
  { file: evaluator, written: "globalEnvironment = new", instead: "globalEnvironment = /* @__PURE__ */ new" },
  // The functions and operators of CEL, for runbooks without a condition.
  {
    file: evaluator,
    written: /^const globalRegistry = (.*)\n((?:register\w+\(globalRegistry\)\n)+)/m,
    instead:
      "let globalRegistry\nfunction whole() {\nif (globalRegistry) return globalRegistry\nglobalRegistry = $1\n$2return globalRegistry\n}\n",
  },
  { file: evaluator, written: ".#registry : globalRegistry", instead: ".#registry : whole()" },
];

/**
 * Takes out of packages what is never used.
 *
 * @type {import("esbuild").Plugin}
 */
export const leaner = {
  name: "leaner",
  setup(build) {
    for (const { file } of edits) {
      build.onLoad({ filter: file }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const { written, instead } of edits.filter((edit) => edit.file.test(path))) {
          const before = contents;
          contents = before.replace(written, instead);
          if (contents === before) throw new Error(`expected ${written} in ${path}, found another version of it`);
        }
        return { contents };
      });
    }
    // yaml's build for node asks the environment at every token whether to trace it, a seventh of the time that parsing takes.
    build.onResolve({ filter: /^yaml$/ }, async ({ resolveDir }) => {
      const { path } = await build.resolve("yaml/package.json", { kind: "import-statement", resolveDir });
      return { path: join(dirname(path), "browser", "index.js") };
    });
  },
};
