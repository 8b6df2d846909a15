import type { ByteSink } from "../model/evidence.js";
import type { Tool } from "../model/step-kind.js";
import type { Target } from "../model/target.js";

/** A program that the host has. `version` is the first line that it prints of itself; null when it is not asked. */
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

/** Which of these tools the host has, with their versions where asking is harmless. */
export async function findTools(target: Target, tools: readonly Tool[], signal: AbortSignal): Promise<ToolReport> {
  const names = [...new Set(tools.flatMap((tool) => tool.any))];
  if (names.length === 0) return { found: [], missing: [] };
  const script = 'for name do command -v -- "$name" || echo; done';
  const { text } = await ask(target, ["/bin/sh", "-c", script, "sh", ...names], signal);
  const lines = text.split("\n");
  const paths = new Map(
    names.map((name, index) => [name, lines[index] ?? ""] as const).filter(([, path]) => path !== ""),
  );
  const found: FoundTool[] = [];
  for (const [name, path] of paths) {
    const version = tools.find((tool) => tool.any.includes(name) && tool.version !== undefined)?.version;
    const asked = version === undefined ? null : await ask(target, [path, ...version], signal);
    found.push({ name, path, version: asked?.text.split("\n")[0]?.trim() || null });
  }
  return { found, missing: tools.filter((tool) => !tool.any.some((name) => paths.has(name))) };
}

async function ask(target: Target, argv: readonly string[], signal: AbortSignal): Promise<{ readonly text: string }> {
  const chunks: Uint8Array[] = [];
  const keep: ByteSink = { directFile: null, write: (chunk) => void chunks.push(chunk) };
  const drop: ByteSink = { directFile: null, write: () => {} };
  await target.run({ argv }, { stdout: keep, stderr: drop }, signal);
  return { text: Buffer.concat(chunks).toString() };
}
