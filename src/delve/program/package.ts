import { randomUUID } from "node:crypto";
import { collect } from "../../linux/collect.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { directoryToken } from "../guard/token.js";

/**
 * Builds a Go package without optimisations, so that every variable can be read, into a folder of its own on the host that is
 * removed with the step. Yields the program's path.
 * @throws StepFailure with the compiler's words
 */
export async function buildPackage(name: string, cwd: string | null, context: StepContext): Promise<string> {
  const { target, signal } = context;
  const place = isFolder(name) ? name : cwd;
  if (place !== null) {
    const there = await collect(target, { argv: ["test", "-d", place] }, signal);
    signal.throwIfAborted();
    if (there.exit.code !== 0) {
      throw new StepFailure(`expected a folder to build ${name} in, but ${place} is none`, {
        remedy: place === name ? "give the package's path on the host" : "give its path on the host in cwd",
      });
    }
  }
  const folder = `/tmp/casebook-${randomUUID()}`;
  await context.announce({
    what: `builds ${name} into ${folder}`,
    undo: `removes ${folder}`,
    token: directoryToken(folder),
  });
  const made = await collect(target, { argv: ["mkdir", "-m", "700", "--", folder] }, signal);
  if (made.exit.code !== 0) throw new StepFailure(`could not make ${folder}: ${made.stderr.trim()}`);
  const path = `${folder}/${programName(name)}`;
  const stdout = context.capture("build.stdout");
  const stderr = context.capture("build.stderr");
  const exit = await target.run(
    {
      // A name that begins as an option does is none: options of the compiler run programs.
      // A folder by its path is built where it stands: outside of a module go build takes no package.
      argv: ["go", "build", "-gcflags", "all=-N -l", "-o", path, "--", isFolder(name) ? "." : name],
      env: context.env,
      ...(place !== null && { cwd: place }),
    },
    { stdout, stderr },
    signal,
  );
  const ref = await stderr.close();
  await stdout.close();
  signal.throwIfAborted();
  if (exit.code === 0) {
    // Of a library go build writes an archive.
    const written = await collect(target, { argv: ["test", "-x", path] }, signal);
    if (written.exit.code === 0) return path;
    throw new StepFailure(`expected a command, but the Go package ${name} is none: it has no package main`);
  }
  const said = ref === null ? "" : Buffer.from(await context.evidence.tail(ref.path, 2000)).toString("utf8");
  if (exit.code === 127) {
    throw new StepFailure("the host has no Go compiler: there is no go in PATH", {
      remedy: "apt-get install golang-go",
    });
  }
  throw new StepFailure(`go build ${name} failed: ${said.trim().split("\n").slice(-5).join(" ⏎ ")}`, {
    ...(/go\.mod file not found/.test(said) && { remedy: "name the module's folder on the host in cwd" }),
  });
}

const isFolder = (name: string): boolean => name.startsWith("/") && !name.endsWith(".go");

/** As go build names it: the last element of the path. */
function programName(name: string): string {
  const last = name.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return /^[\w][\w.-]*$/.test(last) && !last.endsWith(".go") ? last : "program";
}
