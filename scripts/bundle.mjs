import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { leaner } from "./leaner.mjs";
import { precompiledPages } from "./precompiled-pages.mjs";
import { together } from "./rooms.mjs";

/** The project's root folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Bundles the command line with everything it needs into a folder, a chunk for each command and for what several share, so that a command
 * loads hardly more than it uses. `outdir` is emptied first. The licences of what was bundled stand beside it.
 *
 * @param {string} outdir
 * @param {import("esbuild").LogLevel} logLevel what of esbuild's own messages is printed; errors also reject
 */
export async function bundle(outdir, logLevel = "warning") {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/cli.ts"],
    outdir,
    ...bundling,
    plugins: [...bundling.plugins, together],
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    metafile: true,
    logLevel,
  });
  await chmod(join(outdir, "cli.js"), 0o755);
  await writeFile(join(outdir, "THIRD-PARTY-LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
}

/** How sources and packages become one module. */
export const bundling = /** @satisfies {import("esbuild").BuildOptions} */ ({
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // CommonJS packages ask for node's own modules by `require`, which ES modules lack.
  banner: {
    js: 'import{createRequire as nodeRequire}from"node:module";const require=nodeRequire(import.meta.url);',
  },
  plugins: [leaner, precompiledPages],
});

/**
 * The licence texts of the packages that the bundle's inputs came from.
 *
 * @param {readonly string[]} inputs
 */
async function licences(inputs) {
  const folders = new Set(inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map(async (folder) => {
    const manifest = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
    return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${await licenceText(join(root, folder))}`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/** @param {string} folder */
async function licenceText(folder) {
  const name = (await readdir(folder)).find((file) => /^licen[sc]e([-.]|$)/i.test(file));
  if (name === undefined) throw new Error(`${folder} holds no licence text: it must not be bundled without one`);
  return readFile(join(folder, name), "utf8");
}
