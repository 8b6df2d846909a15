import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseStats } from "../../src/linux/stat.js";

const numbers = (ppid: number, pgrp: number, start: string): string =>
  `${ppid} ${pgrp} ${pgrp} 0 -1 4194560 1150 0 0 0 12 34 0 0 20 0 1 0 ${start} 5660672 890 18446744073709551615 1 1 0 0 0 0 0 4096 65536 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0`;

test("this process is read from its own file", () => {
  const [own] = parseStats(readFileSync("/proc/self/stat", "utf8"));
  expect(own).toMatchObject({ pid: process.pid, ppid: process.ppid });
  expect(own?.startTicks).toMatch(/^\d+$/);
});

test.each(["sh", "a b", "(sd-pam)", "x) S 1 1 1 (y", "two\nlines", "", ") Z 0 0"])(
  "a process called %j is told from what follows its name",
  (name) => {
    const text = `7 (before) S ${numbers(1, 7, "1")}\n42 (${name}) R ${numbers(7, 42, "998877")}\n43 (after) Z ${numbers(1, 43, "2")}\n`;
    expect(parseStats(text)).toEqual([
      { pid: 7, comm: "before", state: "S", ppid: 1, pgrp: 7, cpuTicks: 46, startTicks: "1" },
      { pid: 42, comm: name, state: "R", ppid: 7, pgrp: 42, cpuTicks: 46, startTicks: "998877" },
      { pid: 43, comm: "after", state: "Z", ppid: 1, pgrp: 43, cpuTicks: 46, startTicks: "2" },
    ]);
  },
);
