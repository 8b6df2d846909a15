import { StepFailure } from "../../model/step-kind.js";
import { nearMiss } from "../../util/near-miss.js";
import { DelveError } from "../rpc/json-rpc.js";
import type { FoundLocation } from "../rpc/protocol.js";
import { type DelveClient } from "../rpc/rpc-client.js";
import { type Frame, packageOf } from "./frames.js";

/** `server.go:247`, `/src/streaming/server.go:247`. */
const fileAndLine = /^(.+):(\d+)$/;

const here = { GoroutineID: -1, Frame: 0 };

/**
 * Whether a frame is at a location written as for `break`: a function with as much of its package and receiver as one
 * likes (`Listen`, `net.Listen`, `streaming.(*server).Start`, `server.Start`), or the end of a file's path and a line.
 */
export function isAt(location: string, frame: Frame): boolean {
  const place = fileAndLine.exec(location);
  if (place !== null) {
    const [, file = "", line] = place;
    return frame.line === Number(line) && (frame.file === file || frame.file.endsWith(`/${file}`));
  }
  return spellings(frame.function).includes(location);
}

/** All ways to name a function: with and without folders, package, type arguments, and the receiver's `(*)`. */
function spellings(name: string): readonly string[] {
  const path = packageOf(name);
  const plain = name.replace(/\[.*?\]/g, "");
  const inPackage = plain.slice(path.length + 1);
  const lastElement = path.slice(path.lastIndexOf("/") + 1);
  const bare = inPackage.replace(/^\(\*?([^)]+)\)/, "$1");
  const method = bare.slice(bare.lastIndexOf(".") + 1);
  const within = [inPackage, bare, method];
  return [name, plain, ...within, ...within.flatMap((rest) => [`${lastElement}.${rest}`, `${path}.${rest}`])];
}

/**
 * Where a location of Delve's language is in the program: several addresses for an inlined function.
 * @throws StepFailure that names the nearest function or file when there is none
 */
export async function resolve(
  client: DelveClient,
  text: string,
  signal: AbortSignal,
): Promise<readonly FoundLocation[]> {
  try {
    return await client.findLocation(here, text, signal);
  } catch (error) {
    if (!(error instanceof DelveError)) throw error;
    const ambiguous = /ambiguous: (.*)$/s.exec(error.message)?.[1];
    if (ambiguous !== undefined) {
      throw new StepFailure(`expected one place for ${text}, found several: ${ambiguous.replace(/…$/, ", …")}`, {
        remedy: "write more of the path",
      });
    }
    if (!/not found/.test(error.message)) throw new StepFailure(`${text}: ${error.message}`);
    const near = await nearest(client, text, signal);
    const what = fileAndLine.test(text) ? "source file" : "function";
    throw new StepFailure(
      `the program has no ${what} ${text}${near === null ? "" : `; did you mean ${near}?`}`,
      near === null
        ? { remedy: "the linker leaves out what is never called, and the compiler inlines small functions" }
        : {},
    );
  }
}

/** What of the program was probably meant. */
async function nearest(client: DelveClient, text: string, signal: AbortSignal): Promise<string | null> {
  const place = fileAndLine.exec(text);
  if (place !== null) {
    const name = baseName(place[1] ?? "");
    const sources = await client.listSources("", signal);
    const near = nearMiss(name, new Set(sources.map(baseName)));
    return near === null ? null : `${near}:${place[2]}`;
  }
  const wanted = baseName(text);
  const ofPackage = wanted.split(".")[0] ?? wanted;
  const candidates = await client.listFunctions(`(^|/)${escapeRegExp(ofPackage)}\\.`, signal);
  return (
    nearMiss(wanted, candidates.map(shortName)) ??
    nearMiss(wanted, new Set((await client.listFunctions("", signal)).map(shortName)))
  );
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `streaming.(*server).Start` of `k8s.io/…/streaming.(*server).Start`. */
function shortName(name: string): string {
  const path = packageOf(name);
  return name.slice(path.lastIndexOf("/") + 1);
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
