import { createHash } from "node:crypto";
import { type StepContext, StepFailure, type UndoContext, type Undone } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { compileRe2 } from "../../util/re2.js";
import type { Changed } from "./changed.js";
import { execute } from "./channel.js";
import { quietly } from "./dialogue.js";
import { sameLevel } from "./same-level.js";
import type { LogLevelSpec } from "./spec.js";
import type { EditedToken } from "./token.js";

type FileWay = NonNullable<LogLevelSpec["file"]>;

/** Where a level stands in a file's bytes. */
interface Found {
  readonly offset: number;
  readonly length: number;
  readonly level: string;
}

/** Turns a level up in a configuration file: only the bytes of the level are replaced, and the program reads it again. */
export async function changeEdited(spec: LogLevelSpec, way: FileWay, context: StepContext): Promise<Changed> {
  const { target, signal } = context;
  const { path, pattern, reload } = way;
  const bytes = await readFile(path, target, signal);
  const found = findLevel(bytes, path, pattern);
  if (spec.was !== undefined && !sameLevel(spec.was, found.level)) {
    throw new StepFailure(`expected the level ${spec.was} before, as \`was\` says, but ${path} has ${found.level}`, {
      remedy: "leave `was` out: the level can be read here",
    });
  }
  const changed = splice(bytes, found.offset, found.length, Buffer.from(spec.to));
  const again = findLevel(changed, path, pattern);
  if (again.offset !== found.offset || again.level !== spec.to) {
    throw new StepFailure(`the pattern would not find the level ${spec.to} again in ${path}, so it was left alone`);
  }
  const token: EditedToken = {
    through: "file",
    path,
    offset: found.offset,
    before: Buffer.from(bytes.subarray(found.offset, found.offset + found.length)).toString("base64"),
    to: spec.to,
    sha256_before: sha256(bytes),
    sha256_during: sha256(changed),
    reload: reload ?? null,
    env: { ...context.env },
  };
  await context.announce({
    what: `log level in ${path} from ${found.level} to ${spec.to}`,
    undo: `puts ${found.level} back into the file${reload === undefined ? "" : " and reloads"}`,
    token: JSON.parse(JSON.stringify(token)),
  });
  await writeFile(path, changed, target, signal);
  if (sha256(await readFile(path, target, signal)) !== token.sha256_during) {
    throw new StepFailure(`expected ${path} to hold the level ${spec.to} after writing it, found something else`);
  }
  if (reload !== undefined) await execute(reload, context.env, spec.to, quietly(context));
  return {
    before: found.level,
    during: spec.to,
    how_known: "read",
    reread: async (late) => findLevel(await readFile(path, target, late), path, pattern).level,
  };
}

/** Puts the level's bytes back if the file is what was written; whatever somebody else has written since then stays. */
export async function undoEdited(token: EditedToken, context: UndoContext): Promise<Undone> {
  const { target, signal } = context;
  const { path, offset } = token;
  const before = Buffer.from(token.before, "base64");
  try {
    const found = await readFile(path, target, signal);
    const bytes = wholeOf(found, token) ?? found;
    const hash = sha256(bytes);
    if (hash !== token.sha256_before && hash !== token.sha256_during) {
      const why = `${path} was changed by somebody else meanwhile, so it was not overwritten; before the step the level at byte ${offset} was ${before}, the step made it ${token.to}`;
      return { state: "cannot", why };
    }
    const asBefore = hash === token.sha256_before;
    const untouched = asBefore && bytes.length === found.length;
    if (!untouched) {
      const original = asBefore ? bytes : splice(bytes, offset, Buffer.byteLength(token.to), before);
      await writeFile(path, original, target, signal);
    }
    const now = sha256(await readFile(path, target, signal));
    if (now !== token.sha256_before)
      return { state: "cannot", why: `${path} is not what it was after writing it back` };
    // Also when the file was as before: the program may not have read it since.
    if (token.reload !== null) await execute(token.reload, token.env, String(before), quietly(context));
    const how = `${path} has the level ${before} and is byte for byte what it was (SHA-256 ${now.slice(0, 12)}…)${token.reload === null ? "" : "; reloaded"}`;
    return { state: untouched ? "was-undone" : "undone", how };
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return { state: "cannot", why: error.message };
  }
}

/**
 * The file without the rest that a crash left of writing it: where one version is longer, its end is written first and cut off last
 * (`Target.write`). null when that is not how it is.
 */
function wholeOf(bytes: Uint8Array, token: EditedToken): Uint8Array | null {
  const before = Buffer.from(token.before, "base64");
  const during = Buffer.from(token.to);
  const longest = Math.min(Math.abs(during.length - before.length), bytes.length);
  for (let length = 1; length <= longest; length++) {
    const whole = bytes.subarray(0, bytes.length - length);
    const hash = sha256(whole);
    if (hash !== token.sha256_before && hash !== token.sha256_during) continue;
    const [own, others] = hash === token.sha256_before ? [before, during] : [during, before];
    const other = splice(whole, token.offset, own.length, others);
    if (other.subarray(whole.length, bytes.length).equals(bytes.subarray(whole.length))) return whole;
  }
  return null;
}

/**
 * Where the pattern's group stands, in bytes.
 * @throws StepFailure unless it matches exactly once
 */
export function findLevel(bytes: Uint8Array, path: string, pattern: string): Found {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Offsets must lead back to bytes: a file that is not UTF-8 is taken byte by byte.
  const text = buffer.toString("utf8");
  const encoding = Buffer.from(text, "utf8").equals(buffer) ? "utf8" : "latin1";
  const whole = encoding === "utf8" ? text : buffer.toString("latin1");
  const compiled = compileRe2(pattern, { multiline: true });
  if (!compiled.ok) throw new Error(`a pattern that was checked does not compile: ${compiled.message}`);
  const matcher = compiled.re2.matcher(whole);
  const places: { start: number; end: number }[] = [];
  while (places.length < 2 && matcher.find()) places.push({ start: matcher.start(1), end: matcher.end(1) });
  const [place] = places;
  if (place === undefined || places.length > 1) {
    const found = place === undefined ? "none" : "several";
    throw new StepFailure(`expected exactly one match of ${pattern} in ${path}, found ${found}`, {
      remedy: place === undefined ? "look at the file: the level may have a default and no line" : "make it stricter",
    });
  }
  if (place.start < 0 || place.start === place.end) {
    throw new StepFailure(`expected the group of ${pattern} to hold the level in ${path}, found nothing in it`);
  }
  const offset = Buffer.byteLength(whole.slice(0, place.start), encoding);
  const level = whole.slice(place.start, place.end);
  return { offset, length: Buffer.byteLength(level, encoding), level };
}

const splice = (bytes: Uint8Array, offset: number, length: number, middle: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, offset), middle, bytes.subarray(offset + length)]);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function readFile(path: string, target: Target, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await target.read(path, signal);
  } catch (error) {
    throw asFailure(error, `expected to read ${path}`, signal);
  }
}

async function writeFile(path: string, bytes: Uint8Array, target: Target, signal: AbortSignal): Promise<void> {
  try {
    await target.write(path, bytes, signal);
  } catch (error) {
    throw asFailure(error, `expected to write ${path}`, signal);
  }
}

/** A system error is the world's answer; anything else is a bug and stays one. */
function asFailure(error: unknown, expected: string, signal: AbortSignal): unknown {
  if (signal.aborted || !(error instanceof Error) || !("code" in error)) return error;
  const remedy = error.code === "EACCES" || error.code === "EPERM" ? { remedy: "say `become: true` in the step" } : {};
  return new StepFailure(`${expected}, but ${error.message}`, { ...remedy, cause: error });
}
