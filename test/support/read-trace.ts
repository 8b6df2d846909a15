import { createReadStream } from "node:fs";
import process from "node:process";
import { unknownExecutable } from "../../src/linux/hashed-executable.js";
import type { EvidenceReader } from "../../src/model/evidence.js";
import { readTrace } from "../../src/steps/strace/read.js";

/** Reads a recording of strace in a process of its own, and prints what it counted and the most memory that it took (KiB). */
const [, , path = ""] = process.argv;
const nothing = async (): Promise<Uint8Array> => new Uint8Array();
const evidence: EvidenceReader = { head: nothing, tail: nothing, stream: () => createReadStream(path) };
const calls = { path, sha256: "", bytes: 0, truncated: false };
const since = performance.now();
const { count, truncated } = await readTrace(
  {},
  { pid: 1, calls, stdout: null, stderr: null, ...unknownExecutable },
  evidence,
);
const milliseconds = Math.round(performance.now() - since);
console.log(JSON.stringify({ count, truncated, milliseconds, memory: process.resourceUsage().maxRSS }));
