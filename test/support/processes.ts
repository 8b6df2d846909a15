import { readdirSync, readFileSync } from "node:fs";

/** An environment that every process started with it, and every child of these, can be told by. */
export function marked(): { readonly mark: string; readonly env: NodeJS.ProcessEnv } {
  const mark = `casebook-test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  return { mark, env: { CASEBOOK_TEST_MARK: mark } };
}

/** The living processes whose environment carries a mark, as `pid command`. */
export function processesMarked(mark: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && carries(name, mark))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()}`);
}

/** Waits until no process carries the mark, at most 20 s, which a busy machine may need, if nothing else is said; gives those that are left. */
export async function processesGone(mark: string, milliseconds = 20_000): Promise<readonly string[]> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const left = processesMarked(mark);
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const carries = (pid: string, mark: string): boolean =>
  read(`/proc/${pid}/environ`).includes(mark) && !/^\d+ \(.*\) Z/s.test(read(`/proc/${pid}/stat`));

/** Empty when the process has gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The processes that one started and that live. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}
