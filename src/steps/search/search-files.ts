import { posix } from "node:path";
import { collect } from "../../linux/collect.js";
import type { ByteSink, Evidence } from "../../model/evidence.js";
import { type StepContext, StepFailure } from "../../model/step-kind.js";
import { type Place, searchCommand } from "./command.js";
import type { SearchedFiles } from "./read-files.js";
import { type CodeSearch, type SearchTool, tools } from "./spec.js";

/** A search that prints more is ended: no one reads it, and its limit is long passed. */
const printedBytes = 256 * 1024 * 1024;

/** @throws StepFailure when there is nothing to search in or with, or the search itself failed */
export async function searchFiles(spec: CodeSearch, context: StepContext): Promise<SearchedFiles> {
  const { tool, place } = await prepare(spec.in, context);
  const stdout = context.capture("stdout");
  const stderr = context.capture("stderr");
  const enough = new AbortController();
  const signal = AbortSignal.any([context.signal, enough.signal]);
  const sinks = { stdout: limited(stdout, () => enough.abort()), stderr };
  const command = searchCommand(tool, spec, place);
  const exit = await context.target.run({ ...command, env: { ...context.env, ...command.env } }, sinks, signal);
  const searched = { tool, stdout: await stdout.close(), stderr: await stderr.close() };
  context.signal.throwIfAborted();
  if (enough.signal.aborted) return { ...searched, incomplete: `the search was ended after ${printedBytes} bytes` };
  if (exit.code === 0 || exit.code === 1) return { ...searched, incomplete: null };
  const why = searched.stderr === null ? "" : await firstLine(searched.stderr.path, context);
  // A file that may not be read makes the tools exit with 2, though all others were searched.
  if (exit.code === 2 && searched.stdout !== null) return { ...searched, incomplete: why };
  const how = exit.signal ?? `exit code ${exit.code}`;
  throw new StepFailure(`searching with ${tool} ended with ${how}: ${why}`, { observed: searched });
}

async function firstLine(path: string, context: StepContext): Promise<string> {
  const text = Buffer.from(await context.evidence.head(path, 1000)).toString();
  return text.split("\n")[0] ?? "";
}

/** What kind of place there is, then the first tool that there is; `git grep` takes part only as a tool, not for its index. */
const probe = [
  'if [ -d "$1" ]; then echo folder; elif [ -f "$1" ]; then echo file; else echo none; fi',
  'shift; for tool; do command -v "$tool" >/dev/null && { echo "$tool"; exit; }; done',
].join("\n");

async function prepare(
  path: string,
  context: StepContext,
): Promise<{ readonly tool: SearchTool; readonly place: Place }> {
  const argv = ["/bin/sh", "-c", probe, "search", path, ...tools];
  const { stdout } = await collect(context.target, { argv, env: context.env }, context.signal);
  context.signal.throwIfAborted();
  const [found, name] = stdout.split("\n");
  if (found !== "folder" && found !== "file") {
    throw new StepFailure(`expected a folder or a file to search in, found nothing at ${path}`, {
      remedy: "give the path as the host sees it",
    });
  }
  const tool = tools.find((candidate) => candidate === name);
  if (tool === undefined) {
    throw new StepFailure(`expected one of ${tools.join(", ")} on the host to search with, found none`, {
      remedy: "install the Debian package ripgrep",
    });
  }
  if (found === "folder") return { tool, place: { folder: path, path: "." } };
  return { tool, place: { folder: posix.dirname(path), path: `./${posix.basename(path)}` } };
}

function limited(evidence: Evidence, onFull: () => void): ByteSink {
  return {
    directFile: null,
    write(chunk) {
      if (evidence.bytes() > printedBytes) return onFull();
      return evidence.write(chunk);
    },
  };
}
