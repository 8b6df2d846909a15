/** What of /proc/PID/stat is used here; proc_pid_stat(5) numbers the fields from 1. */
export interface ProcessStat {
  readonly pid: number;
  /** At most 15 bytes of the program's name (kernel threads: up to 63), as the kernel holds them. */
  readonly comm: string;
  /** The letter: `R`, `S`, `D`, `Z`, `T`, `t`, `X`, `I`. */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  /** Clock ticks in user mode and in the kernel. */
  readonly cpuTicks: number;
  /** Field 22: clock ticks since boot, as text, since it is compared and never computed with as an identity. */
  readonly startTicks: string;
}

/**
 * One record. The name stands in parentheses and may itself hold parentheses, blanks and line breaks; behind it come
 * at least 40 numbers, more than fit into a name.
 */
const record = /^(\d+) \(([\s\S]{0,63}?)\) ([A-Za-z])((?: -?\d+){40,})$/gm;

/** The processes of one or several concatenated /proc/PID/stat files; what is no record is passed over. */
export function parseStats(text: string): ProcessStat[] {
  return Array.from(text.matchAll(record), ([, pid = "", comm = "", state = "", rest = ""]) => {
    const fields = rest.trim().split(" ");
    const number = (field: number): number => Number(fields[field - 4]);
    return {
      pid: Number(pid),
      comm,
      state,
      ppid: number(4),
      pgrp: number(5),
      cpuTicks: number(14) + number(15),
      startTicks: fields[22 - 4] ?? "",
    };
  });
}
