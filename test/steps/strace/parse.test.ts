import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Call, StraceParser, type StraceRecord } from "../../../src/steps/strace/parse.js";

const parse = (text: string, pid = 1): StraceRecord[] => {
  const parser = new StraceParser(pid);
  return [...text.split("\n").flatMap((line) => parser.line(line)), ...parser.end()];
};

const callsOf = (records: readonly StraceRecord[]): Call[] =>
  records.flatMap((record) => (record.type === "call" ? [record.call] : []));

const only = (line: string): Call => {
  const calls = callsOf(parse(line));
  expect(calls).toHaveLength(1);
  return calls[0] as Call; // one, as was just expected
};

describe("one line", () => {
  it("gives thread, time, name, arguments, result and duration", () => {
    expect(only('123   1700000000.123456 read(3<pipe:[77]>, "a, \\"b\\")", 64) = 8 <0.000012>')).toEqual({
      at: 1700000000123.456,
      pid: 123,
      name: "read",
      args: ["3<pipe:[77]>", '"a, \\"b\\")"', "64"],
      result: 8,
      error: null,
      microseconds: 12,
      text: 'read(3<pipe:[77]>, "a, \\"b\\")", 64) = 8 <0.000012>',
      returned: true,
    });
  });

  it("takes the pid from its column, from brackets, or from outside", () => {
    expect(only("[pid  4711] getppid() = 1").pid).toBe(4711);
    expect(only("4711  getppid() = 1").pid).toBe(4711);
    expect(only("1700000000.000001 getppid() = 1")).toMatchObject({ pid: 1, at: 1700000000000.001 });
    expect(only("getppid() = 1")).toMatchObject({ pid: 1, at: null, args: [], microseconds: null });
  });

  it.each([
    ['openat(AT_FDCWD</a,b>, "x", O_RDONLY) = -1 ENOENT (No such file or directory) <0.1>', -1, "ENOENT", 3],
    ["read(3, 0x7ffd, 10) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.5>", null, "ERESTARTSYS", 3],
    ["restart_syscall(<... resuming interrupted read, poll ...>) = 0 <1.5>", 0, null, 1],
    ["mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, -1, 0) = 0x7fe767904000 <0.1>", 0x7fe767904000, null, 6],
    ["lseek(3</x>, 0, SEEK_END) = 0xffffffffffffffff", null, null, 3],
    ["umask(022)      = 022 <0.000041>", 0o22, null, 1],
    ["exit_group(0)   = ?", null, null, 1],
    ["poll([{fd=3<a>, events=POLLIN}], 1, -1) = 1 ([{fd=3<a>, revents=POLLIN}]) <0.2>", 1, null, 3],
    ["poll([{fd=3, events=POLLIN}], 1, 0) = 0 (Timeout) <0.2>", 0, null, 3],
    [
      "accept4(4<TCP:[127.0.0.1:80]>, {sa_family=AF_INET}, [16 => 0], 0) = 5<TCP:[127.0.0.1:80->127.0.0.1:9]>",
      5,
      null,
      4,
    ],
    ["fcntl(6<TCPv6:[[::1]:80->[::1]:41000]>, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)", 0x802, null, 2],
    ['sendto(7<UNIX-STREAM:[1->2, "/tmp/a>,b"]>, "x", 1, 0, NULL, 0) = 1', 1, null, 6],
    ['read(3</dev/null<char 1:3>>, "", 0) = 0', 0, null, 3],
    ['close(3</tmp/a\\74b\\76, \\"[>(deleted)) = 0', 0, null, 1],
    [
      "capget({version=_LINUX_CAPABILITY_VERSION_3}, {effective=1<<CAP_CHOWN|1<<CAP_KILL, permitted=0}) = 0",
      0,
      null,
      2,
    ],
    ['execve("./a", ["./a", "b, c"...], 0x7ffee /* 39 vars, (odd) " */) = 0', 0, null, 3],
    ["rt_sigprocmask(SIG_BLOCK, ~[RTMIN RT_1], [], 8) = 0", 0, null, 4],
    ["wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 12", 12, null, 4],
    ["clone3({flags=CLONE_VM|CLONE_FS, child_tid=0x7f} => {parent_tid=[99]}, 88) = 99", 99, null, 2],
    ["kill(1, SIGTERM) = -1 EPERM (Operation not permitted) (INJECTED)", -1, "EPERM", 2],
    ["syscall_0x1ff(0x1, 0x2) = -1 ENOSYS (Function not implemented)", -1, "ENOSYS", 2],
    ["futex(0x7f, FUTEX_WAIT, 2, NULL) = ? <unavailable>", null, null, 4],
  ] as const)("reads %s", (line, result, error, count) => {
    const call = only(line);
    expect([call.result, call.error, call.args.length]).toEqual([result, error, count]);
    expect(call.text).toBe(line.replace(/\)\s+=/, ") ="));
  });

  it("keeps a string that was cut, with its mark", () => {
    expect(only('write(1, "abc"..., 4096) = 4096').args).toEqual(["1", '"abc"...', "4096"]);
  });

  it("knows signals, stops and ends", () => {
    const records = parse(
      [
        "7  1.5 --- SIGINT {si_signo=SIGINT, si_code=SI_USER, si_pid=1, si_uid=0} ---",
        "7  1.6 --- stopped by SIGSTOP ---",
        "7  1.7 +++ exited with 3 +++",
        "8  1.8 +++ killed by SIGSEGV (core dumped) +++",
        "strace: Process 9 attached",
      ].join("\n"),
    );
    expect(records).toEqual([
      {
        type: "signal",
        at: 1500,
        pid: 7,
        text: "SIGINT {si_signo=SIGINT, si_code=SI_USER, si_pid=1, si_uid=0}",
      },
      { type: "signal", at: 1600, pid: 7, text: "stopped by SIGSTOP" },
      { type: "exit", at: 1700, pid: 7, code: 3, signal: null },
      { type: "exit", at: 1800, pid: 8, code: null, signal: "SIGSEGV" },
      { type: "other", text: "strace: Process 9 attached" },
    ]);
  });
});

describe("calls that other threads cut in two", () => {
  it("are put together, with the time they began", () => {
    const calls = callsOf(
      parse(
        [
          "11 1.000001 read(3<pipe:[5]>,  <unfinished ...>",
          "12 1.000002 getppid( <unfinished ...>",
          '11 1.000005 <... read resumed>"x", 64) = 1 <0.000004>',
          "12 1.000006 <... getppid resumed>) = 10 <0.000003>",
        ].join("\n"),
      ),
    );
    expect(calls.map(({ at, pid, text }) => [at, pid, text])).toEqual([
      [1000.001, 11, 'read(3<pipe:[5]>, "x", 64) = 1 <0.000004>'],
      [1000.002, 12, "getppid() = 10 <0.000003>"],
    ]);
  });

  it("count as calls without a result when their thread ended or tracing did", () => {
    const records = parse(
      [
        "11 1.0 read(3,  <unfinished ...>",
        "12 1.0 nanosleep({tv_sec=9, tv_nsec=0},  <unfinished ...>",
        "13 1.0 read(0,  <detached ...>",
        "11 1.1 <... read resumed> <unfinished ...>) = ?",
        "11 1.1 +++ killed by SIGKILL +++",
        "12 1.1 +++ killed by SIGKILL +++",
      ].join("\n"),
    );
    expect(callsOf(records).map(({ pid, result, returned }) => [pid, result, returned])).toEqual([
      [11, null, false],
      [12, null, false],
      [13, null, false],
    ]);
  });

  it("go on under the leader's number when a thread calls execve", () => {
    const calls = callsOf(
      parse(
        [
          "10 1.0 futex(0x7f, FUTEX_WAIT, 2, NULL <unfinished ...>",
          '11 1.1 execve("/bin/true", ["true"], 0x7f /* 3 vars */ <unfinished ...>',
          "10 1.2 +++ superseded by execve in pid 11 +++",
          "10 1.2 <... execve resumed>) = 0 <0.1>",
        ].join("\n"),
      ),
    );
    expect(calls.map(({ pid, name, result }) => [pid, name, result])).toEqual([
      [10, "futex", null],
      [10, "execve", 0],
    ]);
  });

  it("are taken as far as known when strace came in the middle", () => {
    expect(callsOf(parse('11 1.0 <... read resumed>"x", 64) = 1 <0.1>'))).toMatchObject([
      { name: "read", args: ['"x"', "64"], result: 1 },
    ]);
  });
});

describe("against strace itself", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "strace-parse-"));
    execFileSync("gcc", ["-O1", "-pthread", "-o", join(folder, "busy"), "test/fixtures/strace/busy.c"]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("counts calls and errors of eight threads as the summary of the same run does", () => {
    const out = join(folder, "out");
    const odd = join(folder, 'a"n,[a>m<e\\');
    execFileSync("strace", ["-f", "-ttt", "-T", "-yy", "-q", "-C", "-o", out, join(folder, "busy"), "200", odd]);
    const text = readFileSync(out, "utf8");
    const table = text.indexOf("% time     seconds");
    const found = new Map<string, [number, number]>();
    for (const call of callsOf(parse(text.slice(0, table)))) {
      const [calls, errors] = found.get(call.name) ?? [0, 0];
      found.set(call.name, [calls + 1, errors + (call.error === null ? 0 : 1)]);
    }
    const summary = [...text.slice(table).matchAll(/^ *\d+\.\d+ +\d+\.\d+ +\d+ +(\d+) +(\d+)? +(\w+)$/gm)]
      .map(([, calls, errors, name]) => [name, [Number(calls), Number(errors ?? 0)]] as const)
      .filter(([name]) => name !== "total");
    // exit and exit_group never return, so strace's summary does not count them.
    for (const name of ["exit", "exit_group"]) found.delete(name);
    expect(summary.length).toBeGreaterThan(15);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(summary));
    expect(found.get("access")?.[1]).toBeGreaterThanOrEqual(1600);
    expect(found.get("getppid")).toEqual([1600, 0]);
  });
});
