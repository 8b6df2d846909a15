import { spawn } from "node:child_process";
import { once } from "node:events";
import { exitCode } from "./exit-code.js";
import type { Io } from "./io.js";

/** Hands a file to the program with which this person looks at pages, and leaves it alone. Exits 69 when there is none. */
export async function openFile(io: Io, path: string): Promise<number> {
  const program = io.env.BROWSER || "xdg-open";
  const child = spawn(program, [path], { stdio: "ignore", detached: true, env: io.env });
  try {
    await once(child, "spawn");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    io.stderr.write(`casebook: ${program} cannot be started (${code}): set BROWSER to a program that shows pages\n`);
    return exitCode.preflight;
  }
  child.unref();
  return exitCode.ok;
}
