import { StepFailure } from "../../model/step-kind.js";
import type { Executable } from "./executable.js";
import type { InstalledDelve } from "./find-delve.js";

/**
 * The oldest Go that a Delve debugs, by the second numbers of both; from 1.20 on the newest is its own number.
 * https://github.com/go-delve/delve/blob/master/pkg/goversion/compat.go
 */
const oldestGo: ReadonlyMap<number, number> = new Map([
  [20, 18],
  [21, 19],
  [22, 19],
  [23, 21],
  [24, 21],
  [25, 21],
]);

/** From here on Delve finds functions and stacks without debug information. */
const strippedFrom = 24;

/** 19 of `go1.19.8`; null for a development version. */
export function minorOf(version: string): number | null {
  const found = /^(?:go)?1\.(\d+)/.exec(version)?.[1];
  return found === undefined ? null : Number(found);
}

/**
 * Refuses a program that this Delve would refuse, before anything is started or stopped. What is not known here Delve says itself.
 * @throws StepFailure that says which Delve is needed
 */
export function refuseMismatch(program: string, executable: Executable, delve: InstalledDelve): void {
  const { goVersion } = executable;
  const go = goVersion === null ? null : minorOf(goVersion);
  const own = minorOf(delve.version);
  if (own === null || own < 20) return;
  if (!executable.debugInformation && own < strippedFrom) throw strippedFailure(program, delve.version);
  // A stripped program's Go version is not looked at by Delve either.
  if (goVersion === null || go === null || !executable.debugInformation) return;
  if (go > own) throw tooNewFailure(program, goVersion, delve.version);
  const oldest = oldestGo.get(own);
  if (oldest !== undefined && go < oldest) throw tooOldFailure(program, goVersion, `1.${oldest}`, delve.version);
}

export const nameOfDelve = (version: string): string => `Delve ${version}`;

const elsewhere = "or name another one in CASEBOOK_DLV";

export function tooNewFailure(program: string, goVersion: string, delve: string): StepFailure {
  const minor = minorOf(goVersion);
  return new StepFailure(`${program} was built with ${goVersion}, which is too new for ${nameOfDelve(delve)}`, {
    // Since Go 1.20 a Delve is released under the number of the newest Go that it debugs.
    remedy: `install Delve ${minor === null ? "of that time" : `1.${minor}`} or newer on the host, ${elsewhere}`,
  });
}

/** @param oldest that this Delve debugs: `1.21` */
export function tooOldFailure(program: string, goVersion: string, oldest: string, delve: string): StepFailure {
  const version = goVersion.replace(/^go/, "");
  const minor = minorOf(version) ?? 0;
  const fitting = [...oldestGo].flatMap(([own, least]) => (least <= minor ? [own] : []));
  const newer = `build ${program} with Go ${oldest.replace(/\.0$/, "")} or newer`;
  return new StepFailure(
    `${nameOfDelve(delve)} debugs programs built with Go ${oldest.replace(/\.0$/, "")} or newer, but ${program} was built with Go ${version}`,
    {
      remedy:
        fitting.length === 0
          ? `${newer}: no Delve that casebook works with debugs older ones`
          : `install Delve ${range(fitting)} on the host, ${elsewhere}, or ${newer}`,
    },
  );
}

const range = (minors: readonly number[]): string => {
  const [least, most] = [Math.min(...minors), Math.max(...minors)];
  return least === most ? `1.${least}` : `1.${least} to 1.${most}`;
};

export function strippedFailure(program: string, delve: string): StepFailure {
  return new StepFailure(`${nameOfDelve(delve)} needs debug information, but ${program} is stripped`, {
    remedy: `build it without -ldflags='-s -w', or install Delve 1.24 or newer, which finds at least its functions and stacks, ${elsewhere}`,
  });
}
