import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

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
  {
    file: /[/\\]cel-js[/\\]lib[/\\]evaluator\.js$/,
    written: "globalEnvironment = new",
    instead: "globalEnvironment = /* @__PURE__ */ new",
  },
];

/**
 * Takes out of packages what is never used.
 *
 * @type {import("esbuild").Plugin}
 */
export const leaner = {
  name: "leaner",
  setup(build) {
    for (const { file, written, instead } of edits) {
      build.onLoad({ filter: file }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = text.replace(written, instead);
        if (contents === text) throw new Error(`expected ${written} in ${path}, found another version of it`);
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
