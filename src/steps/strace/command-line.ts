import { quoteWords } from "../../util/shell-quote.js";
import type { StraceSpec } from "./spec.js";

const defaultStringBytes = 256;

/**
 * The argument list that attaches strace to processes. Calls go through a `cat` to the standard output: strace opens its
 * output file by name, and a socket cannot be opened so. A signal to the group must not take that `cat` away before
 * strace has written what it holds.
 */
export function straceArgv(spec: StraceSpec, pids: readonly number[]): string[] {
  const calls = recordedCalls(spec);
  return [
    "strace",
    ...(spec.follow === false ? [] : ["-f"]),
    "-ttt",
    "-T",
    "-yy",
    "-q",
    "-s",
    String(spec.strings ?? defaultStringBytes),
    ...(calls === null ? [] : ["-e", `trace=${calls.join(",")}`]),
    "-o",
    "|trap '' TERM INT HUP QUIT; exec cat",
    ...pids.flatMap((pid) => ["-p", String(pid)]),
  ];
}

/** As a person would type it. */
export const describeStrace = (spec: StraceSpec, whom: string): string => {
  const options = straceArgv(spec, []).slice(0, -2);
  return `${quoteWords(options)} ${whom}`;
};

/** For a program that is started here, `execve` marks where its own calls begin. */
function recordedCalls({ calls, command }: StraceSpec): readonly string[] | null {
  if (calls === undefined) return null;
  return command === undefined || excludes(calls) || asksForExecve(calls) ? calls : [...calls, "execve"];
}

const covers = /^!?\??(execve|%?process|%?file|all)$|^!?\//;

/** Whether the author's list covers `execve`: by name, by class, by a pattern, or by excluding others. */
export const asksForExecve = (calls: readonly string[] | undefined): boolean =>
  calls === undefined ||
  (excludes(calls) ? !calls.some((call) => covers.test(call)) : calls.some((call) => covers.test(call)));

/** Whether it excludes `execve`, so that nothing marks where a program begins. */
export const leavesOutExecve = (calls: readonly string[] | undefined): boolean =>
  calls !== undefined && excludes(calls) && !asksForExecve(calls);

const excludes = (calls: readonly string[]): boolean => calls[0]?.startsWith("!") === true;
