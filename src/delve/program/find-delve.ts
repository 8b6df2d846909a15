import { collect } from "../../linux/collect.js";
import { StepFailure } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";

/** Delve on the host. */
export interface InstalledDelve {
  readonly path: string;
  /** `1.20.2` */
  readonly version: string;
}

const script = `
PATH=$PATH:$HOME/go/bin
path=\${CASEBOOK_DLV:-dlv}
found=$(command -v -- "$path") || { echo "$path"; exit 3; }
echo "$found"
"$found" version`;

/**
 * The Delve of the host's environment variable CASEBOOK_DLV, else the one in PATH or ~/go/bin.
 * @throws StepFailure when there is none, or it is something else
 */
export async function findDelve(target: Target, signal: AbortSignal): Promise<InstalledDelve> {
  const { exit, stdout } = await collect(target, { argv: ["/bin/sh", "-c", script] }, signal);
  signal.throwIfAborted();
  const [path = "", ...rest] = stdout.split("\n");
  if (exit.code === 3 && path !== "dlv") {
    throw new StepFailure(`CASEBOOK_DLV names ${path}, but the host has no such program`);
  }
  if (exit.code === 3 || path === "") {
    throw new StepFailure("the host has no Delve: there is no dlv in PATH or ~/go/bin", {
      remedy: "apt-get install delve, or go install github.com/go-delve/delve/cmd/dlv@latest",
    });
  }
  const version = /^Version: (\S+)/m.exec(rest.join("\n"))?.[1];
  if (version !== undefined) return { path, version };
  throw new StepFailure(`expected a Delve in ${path}, found a program that answers \`version\` otherwise`, {
    remedy: `see what ${path} version prints, and name Delve in CASEBOOK_DLV`,
  });
}
