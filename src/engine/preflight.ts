import { StepFailure, type Tool } from "../model/step-kind.js";
import type { Target } from "../model/target.js";
import { printed } from "./printed.js";

/** A program that the host has. `version` is a line that it prints of itself; null when it is not asked. */
export interface FoundTool {
  readonly name: string;
  readonly path: string;
  readonly version: string | null;
}

export interface ToolReport {
  readonly found: readonly FoundTool[];
  /** Tools of which the host has none of the alternatives. */
  readonly missing: readonly Tool[];
}

/** What casebook's own shell programs call on every host. */
export const baseTools: readonly Tool[] = [
  { any: ["cat"], packages: ["coreutils"], why: "reads /proc" },
  { any: ["ls"], packages: ["coreutils"], why: "reads who holds a socket" },
  { any: ["grep"], packages: ["grep"], why: "reads /proc" },
  { any: ["head"], packages: ["coreutils"], why: "takes values on its input" },
  { any: ["date"], packages: ["coreutils"], why: "tells the host's clock" },
  { any: ["sleep"], packages: ["coreutils"], why: "ends processes in time" },
  { any: ["rm"], packages: ["coreutils"], why: "removes what casebook made" },
];

/**
 * Of each name the path, or an empty line; of `NAME=VARIABLE` the program that the variable names, if it is set, else one in PATH or where
 * `go install` puts it.
 */
const script = `
for name do
  more=
  case $name in *=*) more=:$HOME/go/bin; eval "name=\\\${\${name#*=}:-\${name%%=*}}" ;; esac
  (PATH=$PATH$more; command -v -- "$name") || echo
done`;

/** Which of these tools the host has, with their versions where asking is harmless. */
export async function findTools(target: Target, tools: readonly Tool[], signal: AbortSignal): Promise<ToolReport> {
  const names = [...new Set(tools.flatMap((tool) => tool.any))];
  if (names.length === 0) return { found: [], missing: [] };
  const variables = new Map(tools.flatMap(({ any, variable }) => (variable === undefined ? [] : [[any[0], variable]])));
  const asked = names.map((name) => (variables.has(name) ? `${name}=${variables.get(name)}` : name));
  const { exit, stdout, stderr } = await printed(target, ["/bin/sh", "-c", script, "sh", ...asked], signal);
  // What a shell that gave up did not say would read as missing.
  if (exit.code !== 0 && !signal.aborted) {
    const found = stderr.trim() || `${exit.code ?? exit.signal}`;
    throw new StepFailure(`expected the host's shell to look for programs, found: ${found}`);
  }
  const lines = stdout.split("\n");
  const paths = new Map(
    names.map((name, index) => [name, lines[index] ?? ""] as const).filter(([, path]) => path !== ""),
  );
  const found: FoundTool[] = [];
  for (const [name, path] of paths) {
    const version = tools.find((tool) => tool.any.includes(name) && tool.version !== undefined)?.version;
    const asked = version === undefined ? null : await printed(target, [path, ...version], signal);
    found.push({ name, path, version: asked === null ? null : versionLine(`${asked.stdout}\n${asked.stderr}`) });
  }
  return { found, missing: tools.filter((tool) => !tool.any.some((name) => paths.has(name))) };
}

/** The first line with a number in it: `dlv version` says its name on a line before. */
function versionLine(text: string): string | null {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.find((line) => /\d/.test(line)) ?? null;
}
