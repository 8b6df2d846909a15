import { beginSection, chooseListing, readSections } from "./sections.js";
import { type ProcessStat, parseStats } from "./stat.js";

/** A process as steps see it. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  /** Name of the effective user, or the number of one without a name. */
  readonly user: string;
  /** The kernel's name for it, of at most 15 bytes. */
  readonly name: string;
  /** Its arguments between blanks; `[name]` for one that has none, such as a kernel thread. */
  readonly command: string;
  /** In the kernel's words: `running`, `sleeping`, `zombie`, … */
  readonly state: string;
  readonly cpu_seconds: number;
  readonly rss_bytes: number;
  readonly started_at: Date;
  /** null where it may not be read, and for kernel threads; ` (deleted)` at the end when the file is gone. */
  readonly executable: string | null;
}

const parts = ["clock", "users", "stat", "status", "executables", "arguments"] as const;

/**
 * Everything about processes that /proc tells, in one shell; `$1` is one pid or empty. Of arguments, which may hold any byte
 * but NUL, every one comes behind the name of its file and ends with NUL, so that none can pose as another's.
 */
const script = [
  'of="[0-9]*"; [ -z "$1" ] || of="$1"',
  beginSection("clock"),
  // Where there is no getconf: the kernel gives every program of today this number.
  "echo $$; getconf CLK_TCK 2>/dev/null || echo 100; date +%s.%N; cat /proc/uptime",
  beginSection("users"),
  // Only who owns one of them: a report need not list a host's accounts.
  "uids=\" $(grep -h '^Uid:' /proc/$of/status | cut -f3 | sort -u | tr '\\n' ' ')\"",
  'while IFS=: read -r name _ uid _; do case $uids in *" $uid "*) echo "$name:x:$uid" ;; esac; done </etc/passwd',
  beginSection("stat"),
  "cat /proc/$of/stat",
  beginSection("status"),
  "grep -H -e '^Uid:' -e '^VmRSS:' /proc/$of/status",
  beginSection("executables"),
  // Without the locale `-q` would hide every character that is not ASCII.
  `${chooseListing}; LC_ALL=C.UTF-8 ls "$list" /proc/$of/exe`,
  beginSection("arguments"),
  "LC_ALL=C grep -azH '' /proc/$of/cmdline",
  // Processes come and go while they are read: what could not be read is on standard error, and no failure.
  "exit 0",
].join("\n");

/** The command whose output `parseProcesses` reads; null stands for all processes. */
export const processesCommand = (pid: number | null): readonly string[] => [
  "/bin/sh",
  "-c",
  script,
  "processes",
  pid === null ? "" : String(pid),
];

/** The processes in the order of their pids, without the script itself and what it started. */
export async function parseProcesses(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<readonly ProcessRow[]> {
  const texts = await readSections(chunks, parts);
  const clock = parseClock(texts.clock);
  const users = parseUsers(texts.users);
  const status = parseStatus(texts.status);
  const executables = parseExecutables(texts.executables);
  const commands = parseArguments(texts.arguments);
  return parseStats(texts.stat)
    .filter((stat) => stat.pid !== clock.own && stat.ppid !== clock.own)
    .flatMap((stat) => {
      const more = status.get(stat.pid);
      // Gone while /proc was read.
      if (more === undefined) return [];
      return [
        {
          pid: stat.pid,
          ppid: stat.ppid,
          user: users.get(more.uid) ?? more.uid,
          name: stat.comm,
          command: commands.get(stat.pid) ?? `[${stat.comm}]`,
          state: stateName(stat),
          cpu_seconds: stat.cpuTicks / clock.ticksPerSecond,
          rss_bytes: more.rssBytes,
          started_at: new Date(Math.round((clock.booted + Number(stat.startTicks) / clock.ticksPerSecond) * 1000)),
          executable: executables.get(stat.pid) ?? null,
        },
      ];
    })
    .sort((left, right) => left.pid - right.pid);
}

interface Clock {
  /** The script's pid. */
  readonly own: number;
  readonly ticksPerSecond: number;
  /** Seconds since 1970 at which the host's uptime was 0. */
  readonly booted: number;
}

function parseClock(text: string): Clock {
  const [own = "", ticks = "", now = "", uptime = ""] = text.split("\n");
  return {
    own: Number(own),
    ticksPerSecond: Number(ticks) || 100,
    booted: Number.parseFloat(now) - Number.parseFloat(uptime),
  };
}

/** passwd(5): the first name of a number counts. */
function parseUsers(text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    if (name !== undefined && uid !== undefined && !users.has(uid)) users.set(uid, name);
  }
  return users;
}

interface Status {
  readonly uid: string;
  readonly rssBytes: number;
}

function parseStatus(text: string): ReadonlyMap<number, Status> {
  const all = new Map<number, Status>();
  for (const [, pid = "", field, value = ""] of text.matchAll(/^\/proc\/(\d+)\/status:(Uid|VmRSS):\s*(.*)$/gm)) {
    const known = all.get(Number(pid)) ?? { uid: "", rssBytes: 0 };
    // The second of the four users is the effective one.
    const seen =
      field === "Uid" ? { uid: value.split(/\s+/)[1] ?? "" } : { rssBytes: Number.parseInt(value, 10) * 1024 };
    all.set(Number(pid), { ...known, ...seen });
  }
  return all;
}

function parseExecutables(text: string): ReadonlyMap<number, string> {
  const links = text.matchAll(/ \/proc\/(\d+)\/exe -> (.*)$/gm);
  return new Map(Array.from(links, ([, pid, path = ""]) => [Number(pid), path]));
}

function parseArguments(text: string): ReadonlyMap<number, string> {
  const all = new Map<number, string[]>();
  for (const record of text.split("\0")) {
    const match = /^\/proc\/(\d+)\/cmdline:([\s\S]*)$/.exec(record);
    if (match === null) continue;
    const pid = Number(match[1]);
    const known = all.get(pid);
    if (known === undefined) all.set(pid, [match[2] ?? ""]);
    else known.push(match[2] ?? "");
  }
  return new Map(Array.from(all, ([pid, words]) => [pid, words.join(" ").trimEnd()]));
}

/** The words of /proc/PID/status. */
const stateNames: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "disk sleep",
  T: "stopped",
  t: "tracing stop",
  Z: "zombie",
  X: "dead",
  I: "idle",
  P: "parked",
};

const stateName = (stat: ProcessStat): string => stateNames[stat.state] ?? stat.state;
