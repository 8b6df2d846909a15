import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

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
  await promisify(execFile)("go", ["build", ...flags, "-o", path, "."], {
    cwd: source,
    env: { ...process.env, ...env },
  });
  return { path, source, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Ports that are free now; nothing else on this machine takes them meanwhile. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports: number[] = [];
  for (const server of servers) {
    if (!server.listening) await once(server, "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}
