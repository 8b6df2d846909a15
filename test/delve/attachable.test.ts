import { expect, test } from "vitest";
import { attachable } from "../../src/delve/program/attachable.js";
import { StepFailure } from "../../src/model/step-kind.js";

const all = "000001ffffffffff";
const none = "0000000000000000";

/** What is told of a program of user 1000 that sleeps, by a shell of the same user that has no capability. */
const usual = {
  boot: "b",
  scope: "",
  capable: none,
  own_capabilities: none,
  user: "1000",
  stat: `S 1 1 1 0 -1 4194560 ${"0 ".repeat(12)}4711 0`,
  Name: "kubelet",
  Uid: "1000\t1000\t1000\t1000",
  TracerPid: "0",
  CapPrm: none,
  executable: "/usr/bin/kubelet",
};

const judge = (facts: Partial<typeof usual>) =>
  attachable(
    7,
    Object.entries({ ...usual, ...facts })
      .map(([name, value]) => `${name}:\t${value}\n`)
      .join(""),
  );

function refusal(facts: Partial<typeof usual>): string {
  try {
    judge(facts);
  } catch (error) {
    expect(error).toBeInstanceOf(StepFailure);
    const { message, remedy } = error as StepFailure; // just seen
    return `${message}; ${remedy}`.replace("expected to attach Delve to kubelet (process 7), but ", "");
  }
  return "none";
}

test("a program of the same user may be attached to, and is told from a later one", () => {
  expect(judge({})).toEqual({
    identity: { pid: 7, startTicks: "4711", bootId: "b" },
    link: "/proc/7/exe",
    title: "kubelet (process 7)",
  });
});

const remedy = "say `become: true` in the step; in a container, give it the capability SYS_PTRACE";

test.each([
  ["another user's", { user: "7" }, `it belongs to user 1000, and casebook works as user 7; ${remedy}`],
  [
    "one that may do more",
    { CapPrm: all },
    `it may do more than casebook, which lacks the capability SYS_PTRACE; ${remedy}`,
  ],
  [
    "one of which not even root is told",
    { capable: all, executable: "" },
    "the kernel lets nobody here look into it; it is of another user namespace, or protected: run casebook on the host that it belongs to",
  ],
  ["one that hides", { executable: "" }, `the kernel lets this user not look into it; ${remedy}`],
  [
    "ptrace_scope 1",
    { scope: "1" },
    `that is not permitted to this user (kernel.yama.ptrace_scope = 1); ${remedy}; or sysctl kernel.yama.ptrace_scope=0`,
  ],
  ["ptrace_scope 2", { scope: "2" }, `that is not permitted to this user (kernel.yama.ptrace_scope = 2); ${remedy}`],
  [
    "ptrace_scope 3, with any capability",
    { scope: "3", capable: all, own_capabilities: all },
    "this kernel lets nobody attach (kernel.yama.ptrace_scope = 3); only a reboot changes that; start the program under Delve with `exec` on another host",
  ],
] as const)("without the right to trace: %s", (_, facts, told) => {
  expect(refusal(facts)).toBe(told);
});

test.each([
  ["another user's", { user: "7" }],
  ["one that may do more", { CapPrm: all }],
  ["ptrace_scope 2", { scope: "2" }],
])("with the capability SYS_PTRACE anything may be attached to: %s", (_, facts) => {
  expect(refusal({ ...facts, capable: "0000000000080000" })).toBe("none");
});

test("ptrace_scope 0 is as if there were none", () => {
  expect(refusal({ scope: "0" })).toBe("none");
});

test("a part of the kernel, a zombie and a process that was stopped are told apart", () => {
  expect(refusal({ stat: usual.stat.replace("4194560", "2129984"), executable: "" })).toContain(
    "it is a part of the kernel",
  );
  expect(refusal({ stat: usual.stat.replace("S", "Z") })).toContain("only waits for its parent to notice (a zombie)");
  expect(refusal({ stat: usual.stat.replace("S", "T") })).toContain(
    "was stopped by a signal (state T); let it run first: kill -CONT 7",
  );
});
