import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { bundling, root } from "../bundle.mjs";

/**
 * A module over the sources, bundled as the command line is, and imported into this process.
 *
 * @param {import("./workshop.mjs").Workshop} workshop
 * @param {string} name
 * @param {string} source TypeScript; import paths begin with `~`, the project's root
 */
export async function inProcess({ folder, write }, name, source) {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [write(`${name}.ts`, source.replaceAll('from "~', `from "${root.replace(/\/$/, "")}`))],
    outfile,
    ...bundling,
    logLevel: "error",
  });
  return import(pathToFileURL(outfile).href);
}
