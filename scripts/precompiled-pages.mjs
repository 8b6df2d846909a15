import { build as bundle, transform } from "esbuild";

/**
 * Runs the modules that compile the reports' templates (`src/report/FORMAT/page.ts`) while bundling, and puts what they export in their place.
 *
 * @type {import("esbuild").Plugin}
 */
export const precompiledPages = {
  name: "precompiled-pages",
  setup(build) {
    build.onLoad({ filter: /[/\\]src[/\\]report[/\\]\w+[/\\]page\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await bundle({
        entryPoints: [path],
        bundle: true,
        format: "esm",
        platform: "node",
        plugins: build.initialOptions.plugins?.filter(({ name }) => name !== "precompiled-pages") ?? [],
        write: false,
      });
      const [file] = outputFiles;
      const page = await import(`data:text/javascript;base64,${Buffer.from(file?.contents ?? []).toString("base64")}`);
      const contents = Object.entries(page).map(([name, value]) => `export const ${name} = ${sourceOf(value)};\n`);
      const { code } = await transform(contents.join(""), { minify: true, format: "esm" });
      return { contents: code };
    });
  },
};

/**
 * The JavaScript of a value that holds functions without surroundings.
 *
 * @param {unknown} value
 * @returns {string}
 */
function sourceOf(value) {
  if (typeof value === "function") return String(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${sourceOf(inner)}`)}}`;
}
