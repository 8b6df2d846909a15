import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, copyFile, mkdir, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Json } from "../../../src/model/json.js";
import { type ProgramOutput, programOutput } from "../../../src/model/offers.js";
import type { StepContext } from "../../../src/model/step-kind.js";
import { CutText, type ValueObject } from "../../../src/model/value.js";
import { log } from "../../../src/steps/log/index.js";
import type { LogResult, LogSpec } from "../../../src/steps/log/spec.js";
import { start } from "../../../src/steps/start/index.js";
import { followed } from "../../support/followed.js";
import { scratch } from "../../support/scratch.js";
import { type Bench, createBench, type StepOptions } from "../../support/step-context.js";
import { needs } from "../../support/tools.js";

const asResult = (value: ValueObject): LogResult => log.result.parse(value) as unknown as LogResult; // as declared

const texts = (value: ValueObject): string[] => asResult(value).lines.map((line) => line.text.toString());

async function bench(): Promise<Bench> {
  const made = await createBench();
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

async function read(written: Json, options?: StepOptions): Promise<LogResult> {
  return asResult((await (await bench()).observe(log, written, options)).result);
}

/** A kind whose steps find a mark, as the engine hands one over. */
async function readSince(written: Json, began: Date, during: (file: string) => Promise<void>): Promise<LogResult> {
  const made = await bench();
  const spec = log.spec.parse(written);
  const mark = await log.mark?.(spec, { target: made.target, signal: AbortSignal.timeout(30_000) });
  await during(spec.file ?? "");
  const marked = {
    ...log,
    observe: async (parsed: LogSpec, context: StepContext) =>
      (await log.observe?.(parsed, { ...context, mark: mark ?? null, began: () => began })) ??
      expect.unreachable("log observes"),
  };
  return asResult((await made.observe(marked, written)).result);
}

describe("a file", () => {
  it("gives a row for each match of `parse` in the lines that are wanted", async () => {
    const long = `GET /long ${"x".repeat(300_000)} 500`;
    const folder = await scratch({ log: `GET /a 200\r\nGET /b 404, GET /c 500\nPOST /d 500\n${long}\n` });
    const file = join(folder, "log");
    const parse = String.raw`^?GET (?P<path>\S+) (?P<status>\d+)?`;
    const { rows, count, truncated } = await read({ file, contains: "GET", parse });
    expect(rows).toEqual([
      { path: "/a", status: "200" },
      { path: "/b", status: "404" },
      { path: "/c", status: "500" },
    ]);
    expect({ count, truncated }).toEqual({ count: 3, truncated: true });
    expect((await read({ file, contains: "POST", parse })).rows).toEqual([]);
    expect((await read({ file })).rows).toBeNull();
    const unnamed = log.spec.safeParse({ file, parse: "GET (.*)" });
    expect(unnamed.error?.issues[0]?.message).toBe(
      "expected an RE2 pattern with named groups such as (?P<pid>\\d+); found no named group in it",
    );
  });

  it("gives its lines, those that contain a text or match a pattern, with the time they tell", async () => {
    const folder = await scratch({ log: "2026-01-01T00:00:00Z one\r\n2026-01-01T00:00:01Z two\nthree" });
    const file = join(folder, "log");
    expect((await read({ file })).lines).toEqual([
      { text: "2026-01-01T00:00:00Z one", at: new Date("2026-01-01T00:00:00Z") },
      { text: "2026-01-01T00:00:01Z two", at: new Date("2026-01-01T00:00:01Z") },
      { text: "three", at: null },
    ]);
    expect(await read({ file, contains: "two" })).toMatchObject({ count: 1, truncated: false, notes: [] });
    expect(await read({ file, matches: "^(three|.*one)$" })).toMatchObject({ count: 2 });
    expect(await read({ file, contains: "[", matches: "x" })).toMatchObject({ count: 0, lines: [] });
  });

  it("that is not there or may not be read fails the step", async () => {
    await expect(read({ file: "/no/such/log" })).rejects.toThrow(
      /expected to read \/no\/such\/log, but: .*No such file/,
    );
  });

  it("is read from a time or so long back, lines without a time with the line before", async () => {
    const now = Date.now();
    const line = (ago: number, text: string) => `${new Date(now - ago).toISOString()} ${text}\n`;
    const folder = await scratch({
      log: `${line(3_600_000, "old")}  old stack\n${line(60_000, "new")}  new stack\n`,
      bare: "no time\n",
    });
    const file = join(folder, "log");
    const result = await read({ file, since: "10m" });
    expect(result.lines.map(({ text }) => text.toString().slice(-9))).toEqual([
      expect.stringContaining("new"),
      "new stack",
    ]);
    expect(await read({ file, since: new Date(now - 7_200_000).toISOString() })).toMatchObject({ count: 4 });
    await expect(read({ file: join(folder, "bare"), since: "10m" })).rejects.toThrow(/no line tells its time/);
    await expect(read({ file, since: "nowhere" })).rejects.toThrow(/or a step that has begun, found nowhere/);
  });

  it("is read from its length when a step began", async () => {
    const folder = await scratch({ log: "before\n" });
    const result = await readSince({ file: join(folder, "log"), since: "louder" }, new Date(), async (file) => {
      await appendFile(file, "after\n");
    });
    expect(result).toMatchObject({ lines: [{ text: "after", at: null }], truncated: false });
  });

  it("is read through a rotation since then, nothing lost", async () => {
    const folder = await scratch({ log: "before\n" });
    const result = await readSince({ file: join(folder, "log"), since: "louder" }, new Date(), async (file) => {
      await appendFile(file, "after\n");
      await rename(file, `${file}.1`);
      await appendFile(`${file}.1`, "late\n");
      await writeFile(file, "new file\n");
    });
    expect(result.lines.map(({ text }) => text)).toEqual(["after", "late", "new file"]);
    expect(result).toMatchObject({ truncated: false });
  });

  it("that was truncated or deleted since then says that lines are missing", async () => {
    const folder = await scratch({ log: "before\n", gone: "before\n" });
    const truncated = await readSince({ file: join(folder, "log"), since: "louder" }, new Date(), async (file) => {
      await truncate(file);
      await appendFile(file, "new\n");
    });
    expect(truncated).toMatchObject({
      lines: [{ text: "new" }],
      truncated: true,
      notes: [expect.stringContaining("truncated")],
    });
    const deleted = await readSince({ file: join(folder, "gone"), since: "louder" }, new Date(), async (file) => {
      await rm(file);
      // Of the same inode, as it may be, and longer than the old file was.
      await writeFile(file, "new and longer\n");
    });
    expect(deleted).toMatchObject({
      lines: [{ text: "new and longer" }],
      truncated: true,
      notes: [expect.stringContaining("gone")],
    });
  });

  it("with binary bytes and an endless line is searched in what is kept, and says so", async () => {
    const endless = Buffer.alloc(3 * 1024 * 1024, 0x61);
    const folder = await scratch({
      log: Buffer.concat([
        Buffer.from([0x6e, 0x00, 0xff, 0x0a]),
        Buffer.from("needle "),
        endless,
        Buffer.from("\nshort\n"),
      ]),
      huge: endless,
    });
    const all = await read({ file: join(folder, "log") });
    expect(all.lines[0]?.text).toBe("n\0\ufffd");
    expect(all.lines[1]?.text).toBeInstanceOf(CutText);
    expect(all.lines[1]?.text).toMatchObject({ omittedBytes: 3 * 1024 * 1024 + 7 - 256 * 1024 });
    expect(all).toMatchObject({ count: 3, truncated: true });
    expect(await read({ file: join(folder, "log"), contains: "needle" })).toMatchObject({ count: 1, truncated: true });
    expect(await read({ file: join(folder, "huge"), contains: "needle" })).toMatchObject({
      count: 0,
      truncated: true,
      notes: ["1 long lines were searched in their beginning only"],
    });
  });
});

describe("waiting for a line", () => {
  it("ends at the first that comes, also when it comes in pieces", async () => {
    const folder = await scratch({ log: "old\nhalf a " });
    const file = join(folder, "log");
    const since = performance.now();
    const reading = read({ file, contains: "half a marker", wait: "20s" });
    setTimeout(() => void appendFile(file, "marker\n"), 300);
    expect(await reading).toMatchObject({ lines: [{ text: "half a marker" }], count: 1 });
    expect(performance.now() - since).toBeLessThan(19_000);
  });

  it("is over at once when it is there already, with all of them", async () => {
    const folder = await scratch({ log: "marker 1\nmarker 2\n" });
    const since = performance.now();
    expect(await read({ file: join(folder, "log"), contains: "marker", wait: "20s" })).toMatchObject({ count: 2 });
    expect(performance.now() - since).toBeLessThan(19_000);
  });

  it("is no failure when none comes", async () => {
    const folder = await scratch({ log: "old\n" });
    const since = performance.now();
    expect(await read({ file: join(folder, "log"), contains: "marker", wait: "300ms" })).toMatchObject({ count: 0 });
    expect(performance.now() - since).toBeGreaterThanOrEqual(295);
    expect(performance.now() - since).toBeLessThan(19_000);
  });
});

describe("following a file", () => {
  const following = async (file: string, during: () => Promise<void>, more: ValueObject = {}): Promise<LogResult> => {
    const made = await bench();
    return asResult((await made.use(log, { file, follow: true, ...(more as object) }, during)).result);
  };

  it("collects what is written from then on, to the last line", async () => {
    const folder = await scratch({ log: "old\n" });
    const file = join(folder, "log");
    const result = await following(file, async () => {
      for (let line = 0; line < 200; line++) await appendFile(file, `line ${line}\n`);
    });
    expect(result.lines.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, line) => `line ${line}`));
  });

  it("loses nothing of a file that is renamed, is still written to, and is replaced", async () => {
    const folder = await scratch({ log: "old\n" });
    const file = join(folder, "log");
    const result = await following(file, async () => {
      await appendFile(file, "1\n");
      await rename(file, `${file}.1`);
      await appendFile(`${file}.1`, "2\n");
      await writeFile(file, "3\n");
      await appendFile(`${file}.1`, "2b\n");
      await followed(file);
      await rename(file, `${file}.2`);
      await writeFile(file, "4\n");
      await appendFile(`${file}.2`, "3b\n");
      await followed(file);
      await appendFile(file, "5\n");
    });
    expect(result.lines.map(({ text }) => String(text)).sort()).toEqual(["1", "2", "2b", "3", "3b", "4", "5"]);
  });

  it("goes on when the file is deleted and written anew, or truncated", async () => {
    const folder = await scratch({ log: "old and long enough\n" });
    const file = join(folder, "log");
    const result = await following(file, async () => {
      await appendFile(file, "1\n");
      await rm(file);
      await writeFile(file, "2 which is longer than the next\n");
      await followed(file);
      await copyFile(file, `${file}.1`);
      await truncate(file);
      await appendFile(file, "3\n");
      await followed(file);
    });
    // Which of two files is read first is not told.
    expect(result.lines.map(({ text }) => String(text)).sort()).toEqual(["1", "2 which is longer than the next", "3"]);
    expect(result.notes).toEqual(["the file was truncated while it was read"]);
  });

  it("waits for a file that is not there yet", async () => {
    const folder = await scratch();
    const file = join(folder, "log");
    const result = await following(file, async () => {
      await writeFile(file, "first\n");
      await followed(file);
    });
    expect(result.lines.map(({ text }) => text)).toEqual(["first"]);
  });
});

describe("a program that a start step runs", () => {
  const command = [
    "/bin/sh",
    "-c",
    'echo early; echo problem >&2; while read -r line; do echo "got $line"; done <"$0"',
  ];

  it("is read while it runs, both streams, and waited for", async () => {
    const made = await bench();
    const folder = await scratch();
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    await made.use(start, { command: [...command, fifo] }, async ({ offers }) => {
      const options = { offers: { program: offers } };
      const first = await made.observe(log, { of: "program", contains: "early", wait: "5s" }, options);
      expect(texts(first.result)).toEqual(["early"]);
      const errors = await made.observe(log, { of: "program", matches: "^prob", wait: "5s" }, options);
      expect(texts(errors.result)).toEqual(["problem"]);
      const waiting = made.observe(log, { of: "program", contains: "marker", wait: "10s" }, options);
      const followed = await made.use(
        log,
        { of: "program", follow: true },
        async () => {
          await writeFile(fifo, "marker\n");
          expect(texts((await waiting).result)).toEqual(["got marker"]);
        },
        options,
      );
      expect(texts(followed.result)).toEqual(["got marker"]);
    });
  });

  it("that is not open fails the step", async () => {
    await expect(read({ of: "nobody" })).rejects.toThrow(/expected nobody to be a start step that is open here/);
  });

  it("is read from when a step began, and to the end of one that has ended", async () => {
    const chunk = (at: string, text: string) => ({ at: new Date(at), bytes: Buffer.from(text) });
    const chunks = [chunk("2026-01-01T00:00:00Z", "before\n"), chunk("2026-01-01T00:00:02Z", "after\n")];
    const output: ProgramOutput = {
      streams: [{ name: "stdout", chunks: () => chunks, dropped: () => 0 }],
      subscribe: () => () => {},
      ended: Promise.resolve(),
    };
    const offers = { program: [{ key: programOutput, value: output }] };
    const result = await read({ of: "program", since: "2026-01-01T00:00:01Z", wait: "10s" }, { offers });
    expect(result.lines).toEqual([{ text: "after", at: null }]);
  });
});

describe("a command", () => {
  it("gives what it prints; it fails the step when it fails", async () => {
    expect(await read({ command: "printf 'a 1\\nb 2\\n'", contains: "b" })).toMatchObject({ lines: [{ text: "b 2" }] });
    expect(await read({ command: ["echo", "x $HOME"] })).toMatchObject({ lines: [{ text: "x $HOME" }] });
    await expect(read({ command: "echo nope >&2; exit 3" })).rejects.toThrow(/ended with exit code 3: nope/);
  });

  it("that goes on for ever is watched until the line comes, then ended", async () => {
    const folder = await scratch();
    const command = `echo $$ >${folder}/pid; n=0; while :; do echo "n $n"; n=$((n + 1)); sleep 0.05; done`;
    const result = await read({ command, contains: "n 5", wait: "10s" });
    expect(result.lines[0]?.text).toBe("n 5");
    const pid = execFileSync("cat", [join(folder, "pid")], { encoding: "utf8" }).trim();
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  });
});

describe("a systemd unit", () => {
  const journalRemote = "/lib/systemd/systemd-journal-remote";

  /** Makes real journal files from entries, as journald would keep them. */
  async function journal(entries: readonly { readonly at: number; readonly unit: string; readonly message: string }[]) {
    const folder = await scratch();
    const directory = join(folder, "journal");
    await mkdir(directory);
    const input = entries
      .map(
        ({ at, unit, message }, index) =>
          `__CURSOR=x${index}\n__REALTIME_TIMESTAMP=${at * 1000}\n__MONOTONIC_TIMESTAMP=${1000 + index}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_SYSTEMD_UNIT=${unit}\nMESSAGE=${message}\n\n`,
      )
      .join("");
    execFileSync(journalRemote, ["-o", join(directory, "system.journal"), "-"], {
      input,
      stdio: ["pipe", "ignore", "pipe"],
    });
    return directory;
  }

  it("is read from its journal, with times, from a time on, filtered", async (context) => {
    needs(context, "journalctl");
    if (!existsSync(journalRemote)) context.skip(`not installed: ${journalRemote}`);
    const now = Date.now();
    const directory = await journal([
      { at: now - 3_600_000, unit: "app.service", message: "old" },
      { at: now - 60_000, unit: "app.service", message: "new marker" },
      { at: now - 50_000, unit: "other.service", message: "another marker" },
    ]);
    const unit = "app.service";
    expect((await read({ unit, directory })).lines).toEqual([
      { text: "old", at: new Date(now - 3_600_000) },
      { text: "new marker", at: new Date(now - 60_000) },
    ]);
    expect((await read({ unit, directory, since: "10m" })).lines).toMatchObject([{ text: "new marker" }]);
    expect(await read({ unit, directory, matches: "^old$" })).toMatchObject({ count: 1 });
    expect(await read({ unit, directory, contains: "marker", wait: "10s" })).toMatchObject({ count: 1 });
    expect(await read({ unit: "no.service", directory, wait: "300ms" })).toMatchObject({ count: 0, truncated: false });
  });
});
