import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../support/tools.js";

/** How long the recording is that is read. */
const megabytes = Number(process.env.CASEBOOK_TRACE_MB ?? 40);

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "strace-large-"));
  const options = { bundle: true, platform: "node", format: "esm", logLevel: "silent" } as const;
  await build({ ...options, entryPoints: ["test/support/read-trace.ts"], outfile: join(folder, "read-trace.mjs") });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Read {
  readonly count: number;
  readonly truncated: boolean;
  readonly milliseconds: number;
  /** KiB. */
  readonly memory: number;
}

/** In a process that would fail if it held more than a part of the recording. */
const read = (path: string): Read =>
  JSON.parse(
    execFileSync(process.execPath, ["--max-old-space-size=64", join(folder, "read-trace.mjs"), path], {
      encoding: "utf8",
    }),
  );

test(`a recording of ${megabytes} MB is read in a stream, with memory that does not grow with it`, {
  timeout: 60_000 + megabytes * 2000,
}, (context) => {
  needs(context, "gcc", "strace");
  const busy = join(folder, "busy");
  const part = join(folder, "part");
  execFileSync("gcc", ["-O1", "-pthread", "-o", busy, "test/fixtures/strace/busy.c"]);
  execFileSync("strace", ["-f", "-ttt", "-T", "-yy", "-q", "-o", part, busy, "1000"]);
  const bytes = readFileSync(part);
  const whole = join(folder, "whole");
  const times = Math.ceil((megabytes * 1e6) / bytes.length);
  for (let time = 0; time < times; time++) appendFileSync(whole, bytes);

  const small = read(part);
  const large = read(whole);
  expect(large).toMatchObject({ count: small.count * times, truncated: true });
  expect(large.memory).toBeLessThan(1.4 * small.memory);
  const per = (megabytes / (large.milliseconds / 1000)).toFixed(1);
  console.log(
    `${megabytes} MB of trace: ${large.count} calls in ${large.milliseconds} ms (${per} MB/s), ` +
      `${Math.round(large.memory / 1024)} MiB at most; ${(bytes.length / 1e6).toFixed(1)} MB took ${Math.round(small.memory / 1024)} MiB`,
  );
});
