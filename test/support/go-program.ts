import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { builtOnce } from "./built.js";

/** A Go program of `test/fixtures`, built into a folder of its own. */
export interface GoProgram extends AsyncDisposable {
  readonly path: string;
  readonly source: string;
}

export interface BuildOptions {
  /** The program's file name. */
  readonly name?: string;
  /** Arguments of go build; without any: no optimisation. */
  readonly flags?: readonly string[];
  /** Added to the environment of go build. */
  readonly env?: Readonly<Record<string, string>>;
  /** Changes each source text before it is built. */
  readonly edit?: (text: string) => string;
  /** Folders of the source that are called otherwise before it is built. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** Builds a fixture with the machine's own Go compiler. */
export async function buildGo(fixture: string, options: BuildOptions = {}): Promise<GoProgram> {
  const { name = fixture, flags = ["-gcflags", "all=-N -l"], env = {}, edit, rename: folders = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), "casebook-go-"));
  let source = fileURLToPath(new URL(`../fixtures/${fixture}`, import.meta.url));
  if (edit !== undefined) {
    const edited = join(folder, "source");
    await cp(source, edited, { recursive: true });
    for (const entry of await readdir(edited, { recursive: true })) {
      if (!entry.endsWith(".go")) continue;
      const file = join(edited, entry);
      await writeFile(file, edit(await readFile(file, "utf8")));
    }
    for (const [from, to] of Object.entries(folders)) await rename(join(edited, from), join(edited, to));
    source = edited;
  }
  const path = join(folder, name);
  const build = async (to: string) => {
    await promisify(execFile)("go", ["build", ...flags, "-o", to, "."], {
      cwd: source,
      env: { ...process.env, ...env },
    });
  };
  if (edit === undefined) await builtOnce({ fixture, flags, env }, path, build);
  else await build(path);
  return { path, source, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
