import { collect } from "../../linux/collect.js";
import { parseInetTable } from "../../linux/inet.js";
import { readSockets, type SocketRow } from "../../linux/sockets.js";
import { type ProcessStat, parseStats } from "../../linux/stat.js";
import { waitUntil } from "../../linux/wait-until.js";
import type { ProgramOutput } from "../../model/offers.js";
import type { Target } from "../../model/target.js";
import { addressOf, describeHttpError, exchange } from "../../util/http-exchange.js";
import { compileRe2 } from "../../util/re2.js";
import { decodeUtf8 } from "../../util/utf8.js";
import type { Ready } from "./spec.js";

/** A program whose readiness is in question. */
export interface Candidate {
  readonly target: Target;
  readonly pid: number;
  readonly output: ProgramOutput;
}

/**
 * Waits until the program can be used. Yields null then, and when the signal aborted first what was seen instead, as a
 * clause: `nothing listens there`.
 */
export async function becomesReady(ready: Ready, candidate: Candidate, signal: AbortSignal): Promise<string | null> {
  if (ready.port !== undefined) return await listens(ready.port, candidate, signal);
  if (ready.log !== undefined) return await prints(ready.log, candidate.output, signal);
  return await answers(new URL(ready.http ?? ""), candidate.target, signal);
}

/** What a person would call it: `port 8080 listens`. */
export function describeReady(ready: Ready): string {
  if (ready.port !== undefined) return `port ${ready.port} to be listened on`;
  if (ready.log !== undefined) return `a line that matches ${ready.log}`;
  return `an answer from ${ready.http}`;
}

/** Looks into the kernel's table, so that the program is not disturbed by a connection that nobody uses. */
async function listens(port: number, { target, pid }: Candidate, signal: AbortSignal): Promise<string | null> {
  let seen = "nothing listens there";
  const found = await waitUntil(async () => {
    if (!(await anybodyListens(port, pid, target, signal))) return null;
    const sockets = await readSockets(target, { port, protocol: "tcp", state: "listening" }, signal);
    const family = familyOf(pid, await allStats(target, signal));
    // A holder that may not be looked at may be a child that runs as another user.
    if (sockets.some((socket) => socket.pid === null || family.has(socket.pid))) return true;
    seen = sockets.length === 0 ? seen : `it is held by ${holders(sockets)}`;
    return null;
  }, signal);
  return found === true ? null : seen;
}

const holders = (sockets: readonly SocketRow[]): string =>
  sockets.map((socket) => `${socket.process ?? "a process"} (pid ${socket.pid})`).join(" and ");

/** Two small files: this is asked many times, who holds the socket only once somebody listens. */
async function anybodyListens(port: number, pid: number, target: Target, signal: AbortSignal): Promise<boolean> {
  const tables = (["tcp", "tcp6"] as const).map(async (protocol) => {
    try {
      return parseInetTable(decodeUtf8(await target.read(`/proc/${pid}/net/${protocol}`, signal)), protocol);
    } catch (error) {
      // The program has ended, or the kernel has no IPv6; an ended program is told of elsewhere.
      if (error instanceof Error && "code" in error) return [];
      throw error;
    }
  });
  const sockets = (await Promise.all(tables)).flat();
  return sockets.some((socket) => socket.state === "listening" && socket.port === port);
}

async function allStats(target: Target, signal: AbortSignal): Promise<ProcessStat[]> {
  const { stdout } = await collect(target, { argv: ["/bin/sh", "-c", "cat /proc/[0-9]*/stat || :"] }, signal);
  signal.throwIfAborted();
  return parseStats(stdout);
}

/** The process, the members of the group it leads, and the children of all of them. */
function familyOf(pid: number, stats: readonly ProcessStat[]): ReadonlySet<number> {
  const family = new Set([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const stat of stats) if (stat.pgrp === pid || family.has(stat.ppid)) family.add(stat.pid);
  }
  return family;
}

async function prints(pattern: string, output: ProgramOutput, signal: AbortSignal): Promise<string | null> {
  const compiled = compileRe2(pattern);
  if (!compiled.ok) return compiled.message;
  const partial = new Map<string, string>();
  /** A line may come in pieces; its newline may never come, as behind a prompt. */
  const matches = (name: string, bytes: Uint8Array): boolean => {
    const lines = ((partial.get(name) ?? "") + Buffer.from(bytes).toString("latin1")).split("\n");
    partial.set(name, (lines.at(-1) ?? "").slice(-longestLine));
    return lines.some((line) => compiled.re2.test(Buffer.from(line, "latin1").toString("utf8")));
  };
  const held = output.streams.some((stream) => stream.chunks().some((chunk) => matches(stream.name, chunk.bytes)));
  if (held) return null;
  return await new Promise((resolve) => {
    const leave = (seen: string | null): void => {
      unsubscribe();
      signal.removeEventListener("abort", late);
      resolve(seen);
    };
    const late = (): void => leave("no line matched");
    const unsubscribe = output.subscribe((chunk, stream) => {
      if (matches(stream.name, chunk.bytes)) leave(null);
    });
    signal.addEventListener("abort", late, { once: true });
    if (signal.aborted) late();
  });
}

/** Of a line without an end this much is looked at. */
const longestLine = 64 * 1024;

async function answers(url: URL, target: Target, signal: AbortSignal): Promise<string | null> {
  let seen = "there was no answer";
  const found = await waitUntil(async () => {
    // A signal for each attempt: what listens to it goes with the attempt.
    const attempt = AbortSignal.any([signal]);
    try {
      const connect = () => target.connect(addressOf(url), attempt);
      const { status, body } = await exchange(connect, { url, method: "GET", insecure: true }, attempt);
      body.destroy();
      if (status < 500) return true;
      seen = `it answered ${status}`;
    } catch (error) {
      if (!signal.aborted) seen = describeHttpError(error);
    }
    return null;
  }, signal);
  return found === true ? null : seen;
}
