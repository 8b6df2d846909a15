import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Io } from "../io.js";
import { readRunbook } from "../read-runbook.js";
import { UsageError } from "../usage-error.js";

/**
 * What a shell asks for while somebody types: `hosts`, those that `--host` takes, or `inputs:FILE`, those of a runbook as `-i` begins with them.
 * Nothing where nothing is known: a shell has no place for what is wrong.
 */
export async function namesFor(io: Io, asked: string): Promise<readonly string[]> {
  if (asked === "hosts") return ["local", ...(await sshHosts(io.env.HOME ?? homedir()))];
  const file = /^inputs:(.+)$/s.exec(asked)?.[1];
  return file === undefined ? [] : await inputsOf(io, file);
}

async function inputsOf(io: Io, file: string): Promise<readonly string[]> {
  try {
    const { loaded } = await readRunbook(io.cwd, file);
    return loaded.ok ? loaded.value.inputs.map(({ name }) => `${name}=`) : [];
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

/** The names of `Host` lines, without patterns. */
async function sshHosts(home: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(join(home, ".ssh/config"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return [];
  }
  const lines = [...text.matchAll(/^[ \t]*host[ \t=]+(.+)$/gim)].map(([, names = ""]) => names.trim());
  return lines.flatMap((line) => line.split(/\s+/)).filter((name) => /^[\w.-]+$/.test(name));
}
