import { expect, test } from "vitest";
import { parseProcesses } from "../../src/linux/processes.js";

const stat = (pid: number, name: string, ppid: number, start: number): string =>
  `${pid} (${name}) S ${ppid} ${pid} ${pid} 0 -1 4194560 1150 0 0 0 150 50 0 0 20 0 1 0 ${start} 5660672 890 18446744073709551615 1 1 0 0 0 0 0 4096 65536 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0`;

/** A capture: `/proc` was read by process 900, and process 902 ended meanwhile. */
const capture = (commandLines: string): Buffer =>
  Buffer.from(
    [
      "=== casebook: clock",
      "900",
      "100",
      "1000000.500000000",
      "600000.50 1200000.00",
      "=== casebook: users",
      "root:x:0:0:root:/root:/bin/bash",
      "toor:x:0:0::/root:/bin/sh",
      "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
      "=== casebook: stat",
      stat(1, "init", 0, 0),
      stat(50, "nginx", 1, 2000),
      stat(51, "kthread", 2, 3000),
      stat(900, "sh", 1, 4000),
      stat(901, "cat", 900, 4001),
      stat(902, "gone", 1, 4002),
      "=== casebook: status",
      "/proc/1/status:Uid:\t0\t0\t0\t0",
      "/proc/1/status:VmRSS:\t    1234 kB",
      "/proc/50/status:Uid:\t0\t33\t33\t33",
      "/proc/50/status:VmRSS:\t    10 kB",
      "/proc/51/status:Uid:\t4711\t4711\t4711\t4711",
      "/proc/900/status:Uid:\t0\t0\t0\t0",
      "=== casebook: executables",
      "lrwxrwxrwx 1 root root 0 Nov 23 10:00 /proc/1/exe -> /usr/lib/systemd/systemd",
      "lrwxrwxrwx 1 root root 0 Nov 23 10:00 /proc/50/exe -> /usr/sbin/nginx (deleted)",
      "=== casebook: arguments",
      commandLines,
    ].join("\n"),
  );

test("processes are put together from the parts of the capture", async () => {
  const rows = await parseProcesses([
    capture("/proc/1/cmdline:/sbin/init\0/proc/50/cmdline:nginx: worker\0/proc/50/cmdline:\0/proc/50/cmdline:-x\0"),
  ]);
  expect(rows).toEqual([
    {
      pid: 1,
      ppid: 0,
      user: "root",
      name: "init",
      command: "/sbin/init",
      state: "sleeping",
      cpu_seconds: 2,
      rss_bytes: 1234 * 1024,
      started_at: new Date(400_000_000),
      executable: "/usr/lib/systemd/systemd",
    },
    expect.objectContaining({
      pid: 50,
      user: "www-data",
      command: "nginx: worker  -x",
      started_at: new Date(400_020_000),
      executable: "/usr/sbin/nginx (deleted)",
    }),
    expect.objectContaining({ pid: 51, user: "4711", command: "[kthread]", rss_bytes: 0, executable: null }),
  ]);
});

test("an argument cannot pose as another process's, nor as a part of the capture", async () => {
  const hostile = "\n=== casebook: stat\n/proc/1/cmdline:evil";
  const rows = await parseProcesses([capture(`/proc/50/cmdline:${hostile}\0/proc/1/cmdline:/sbin/init\0`)]);
  expect(rows.map((row) => row.command)).toEqual(["/sbin/init", hostile, "[kthread]"]);
});
