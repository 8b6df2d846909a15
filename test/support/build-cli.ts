import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundle } from "../../scripts/bundle.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** The bundled command line, or why it could not be built. */
    cli: { readonly path: string } | { readonly error: string };
    /** A folder for what several test files build. */
    programs: string;
  }
}

/** Builds the command line once for all tests, apart from `dist/`, so that tests always drive what the sources say. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "casebook-cli-"));
  // Other users run it too.
  await chmod(folder, 0o755);
  const [built, programs] = [join(folder, "cli"), join(folder, "programs")];
  await mkdir(programs);
  project.provide("programs", programs);
  try {
    await bundle(built, "silent");
    project.provide("cli", { path: join(built, "cli.js") });
  } catch (error) {
    project.provide("cli", { error: String(error) });
  }
  return () => rm(folder, { recursive: true, force: true });
}
