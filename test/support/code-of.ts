import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/**
 * Where the machine code of a process differs from its executable's, as addresses in hexadecimal: a breakpoint that
 * was left behind. Go programs do not change their code.
 */
export function changedCode(pid: number): readonly string[] {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const file = openSync(`/proc/${pid}/exe`, "r");
  try {
    const [, from = "", to = "", offset = ""] =
      /^([0-9a-f]+)-([0-9a-f]+) r-xp ([0-9a-f]+) \S+ [1-9]/m.exec(readFileSync(`/proc/${pid}/maps`, "latin1")) ?? [];
    const start = Number.parseInt(from, 16);
    const length = Number.parseInt(to, 16) - start;
    const [now, built] = [Buffer.alloc(length), Buffer.alloc(length)];
    readSync(memory, now, 0, length, start);
    readSync(file, built, 0, length, Number.parseInt(offset, 16));
    const changed: string[] = [];
    for (let at = 0; at < length; at++) if (now[at] !== built[at]) changed.push((start + at).toString(16));
    return changed;
  } finally {
    closeSync(memory);
    closeSync(file);
  }
}
