import { describe, expect, test } from "vitest";
import { parseRights, type Rights, tracingOf } from "../../src/engine/rights.js";

const status = (uid: number, capabilities: string, seccomp = 0): string =>
  `user:\tanna\nscope:\t1\nName:\tsh\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${capabilities}\nSeccomp:\t${seccomp}\n`;

test("rights are read from what the kernel tells of a process", () => {
  expect(parseRights(status(1000, "0000000000000000"))).toEqual({
    user: "anna",
    uid: 1000,
    capabilities: 0n,
    ptraceScope: 1,
    filtered: false,
  });
  expect(parseRights("user:\t\nscope:\t\nUid:\t7\t7\t7\t7\n")).toMatchObject({ user: "uid 7", ptraceScope: null });
  expect(parseRights(status(0, "000001ffffffffff", 2))).toMatchObject({ uid: 0, filtered: true });
});

describe("who may be traced", () => {
  const rights = (more: Partial<Rights>): Rights => ({
    user: "anna",
    uid: 1000,
    capabilities: 0n,
    ptraceScope: null,
    filtered: false,
    ...more,
  });
  const capable = { capabilities: 1n << 19n };

  test.each([
    ["without Yama: processes of the same user", {}, "user"],
    ["ptrace_scope 0: the same", { ptraceScope: 0 }, "user"],
    ["ptrace_scope 1: only what the tracer starts", { ptraceScope: 1 }, "own"],
    ["ptrace_scope 2: nobody", { ptraceScope: 2 }, "none"],
    ["ptrace_scope 3: nobody, with any capability", { ptraceScope: 3, ...capable }, "none"],
    ["CAP_SYS_PTRACE: anybody", { ptraceScope: 2, ...capable }, "any"],
  ] as const)("%s", (_, more, reach) => {
    const tracing = tracingOf(rights(more));
    expect(tracing.reach).toBe(reach);
    if (reach === "any") expect(tracing.remedy).toBeNull();
    else expect(tracing.remedy).toMatch(/become|reboot/);
  });
});
