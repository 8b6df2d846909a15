import { createHash } from "node:crypto";
import { appendFile, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createCaseFolder, slug } from "../../src/journal/case-folder.js";
import { type Holder, ownHolder } from "../../src/journal/holder.js";
import { CaseInUse, lockCase } from "../../src/journal/lock.js";
import { writeManifest } from "../../src/journal/manifest.js";
import { readJournal } from "../../src/journal/read.js";
import { findingText, verifyCase } from "../../src/journal/verify.js";
import { Journal } from "../../src/journal/write.js";
import type { Event, EventBody } from "../../src/model/event.js";
import { scratch } from "../support/scratch.js";

const now = () => new Date("2026-01-02T03:04:05.678Z");
const stopped = (pid: number): EventBody => ({
  type: "process-stopped",
  step: "s",
  span: "s1",
  parent: null,
  iteration: null,
  attempt: 1,
  pid,
  why: "naïve ☃ test",
});

let folder: string;

beforeEach(async () => {
  folder = await scratch();
});

async function events(): Promise<readonly Event[]> {
  const all: Event[] = [];
  for await (const event of readJournal(folder)) all.push(event);
  return all;
}

function write(count: number): void {
  const journal = Journal.create(folder, now);
  for (let pid = 1; pid <= count; pid++) journal.append(stopped(pid), pid % 2 === 0);
  journal.close();
}

describe("a journal", () => {
  test("is numbered and chained by the hash of the line before", async () => {
    write(3);
    const lines = (await readFile(join(folder, "journal.ndjson"), "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    for (const [index, line] of lines.entries()) {
      const event = JSON.parse(line) as Event;
      expect(event.seq).toBe(index + 1);
      expect(event.at).toBe("2026-01-02T03:04:05.678Z");
      const before = lines[index - 1];
      expect(event.prev).toBe(
        before === undefined ? "0".repeat(64) : createHash("sha256").update(before).digest("hex"),
      );
    }
  });

  test("that was cut at any byte still gives every whole event", async () => {
    write(4);
    const path = join(folder, "journal.ndjson");
    const bytes = await readFile(path);
    const ends = [...bytes.keys()].filter((index) => bytes[index] === 0x0a);
    for (let length = bytes.length; length >= 0; length--) {
      await truncate(path, length);
      expect(await events()).toHaveLength(ends.filter((end) => end < length).length);
    }
  });

  test("is continued after a torn last line, and the chain holds", async () => {
    write(3);
    await appendFile(join(folder, "journal.ndjson"), '{"seq":4,"type":"proc');
    const journal = Journal.reopen(folder, now);
    expect(journal.append(stopped(9)).seq).toBe(4);
    journal.close();
    await writeManifest(folder, []);
    expect((await events()).map((event) => event.seq)).toEqual([1, 2, 3, 4]);
    expect(await verifyCase(folder)).toEqual([]);
  });

  test("is not created over another", () => {
    write(1);
    expect(() => Journal.create(folder, now)).toThrow(/EEXIST/);
  });
});

describe("verify", () => {
  test("names the altered line, the altered file, the missing and the added one", async () => {
    write(3);
    await writeFile(join(folder, "report.md"), "as written");
    await writeFile(join(folder, "gone.txt"), "x");
    await writeManifest(folder, []);
    expect(await verifyCase(folder)).toEqual([]);
    const path = join(folder, "journal.ndjson");
    await writeFile(path, (await readFile(path, "utf8")).replace('"pid":2', '"pid":7'));
    await writeFile(join(folder, "report.md"), "altered");
    await writeFile(join(folder, "added.txt"), "x");
    await rm(join(folder, "gone.txt"));
    expect((await verifyCase(folder)).map(findingText)).toEqual([
      "journal.ndjson:2: the line is not the one that was chained",
      "gone.txt: is missing",
      "journal.ndjson: differs from the manifest",
      "report.md: differs from the manifest",
      "added.txt: is not in the manifest",
    ]);
  });
});

describe("a case", () => {
  test("is locked against a second writer and taken over from a dead one", async () => {
    {
      await using _lock = await lockCase(folder);
      await expect(lockCase(folder)).rejects.toThrow(CaseInUse);
    }
    const holder = ownHolder();
    const lock = (other: Partial<Holder>) => writeFile(join(folder, ".lock"), JSON.stringify({ ...holder, ...other }));
    for (const gone of [{ boot_id: "before" }, { start_ticks: "1" }]) {
      await lock(gone);
      await using _lock = await lockCase(folder);
    }
    const unseen: readonly (readonly [Partial<Holder>, string])[] = [
      [{ pid_namespace: "pid:[1]" }, `process ${holder.pid} in another container of this machine, ${holder.host}`],
      [{ boot_id: "theirs", host: "web1" }, `process ${holder.pid} on another machine, web1`],
    ];
    for (const [other, who] of unseen) {
      await lock(other);
      await expect(lockCase(folder)).rejects.toMatchObject({
        holder: who,
        remedy: expect.stringContaining(`when it has gone for certain, remove ${join(folder, ".lock")}`),
      });
    }
  });

  test("gets a folder of its own, also twice in a second", async () => {
    const where = { parent: folder, name: slug("Who opens: the PORT?"), now: now() };
    expect((await createCaseFolder(where)).name).toBe("20260102T030405Z-who-opens-the-port");
    expect((await createCaseFolder(where)).name).toBe("20260102T030405Z-who-opens-the-port-2");
  });

  test("is not made in a folder that holds something", async () => {
    await writeFile(join(folder, "mine.txt"), "x");
    await expect(createCaseFolder({ out: folder })).rejects.toMatchObject({ code: "ENOTEMPTY" });
  });
});
