import { StepFailure } from "../../model/step-kind.js";

/** What the kernel means by not starting a process (execve(2), fork(2)), and what helps. */
const reasons: Readonly<Record<string, { readonly found: string; readonly remedy: string }>> = {
  E2BIG: {
    found: "more arguments and environment than the kernel takes",
    remedy: "give less in arguments and variables; larger values go through stdin",
  },
  EAGAIN: {
    found: "no process left to be had",
    remedy: "end some processes, or raise the limit of this user (ulimit -u) or control group (pids.max)",
  },
  ENOMEM: { found: "no memory left for a process", remedy: "free some memory, or raise the control group's limit" },
  EMFILE: { found: "too many files open", remedy: "raise the limit of open files (ulimit -n)" },
  ENOSPC: { found: "no room on the disk to note its process", remedy: "free some space in the temporary folder" },
  EDQUOT: { found: "no room of this user's to note its process", remedy: "free some space in the temporary folder" },
  EROFS: { found: "a disk that only can be read", remedy: "name another temporary folder with TMPDIR" },
  ENFILE: { found: "too many files open on the host", remedy: "raise fs.file-max, or end what holds so many" },
};

/** A process that this machine did not start is an answer like others. Anything else than a system error is given back as it is. */
export function cannotStart(program: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined) return error;
  const known = reasons[code];
  const found = known === undefined ? code : `${known.found} (${code})`;
  const more = known === undefined ? {} : { remedy: known.remedy };
  return new StepFailure(`expected to start ${program}, found ${found}`, { ...more, cause: error });
}
