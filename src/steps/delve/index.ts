import { attach, defaultBudgetMilliseconds } from "../../delve/enter/attach.js";
import { connect } from "../../delve/enter/connect.js";
import { openCore } from "../../delve/enter/core.js";
import { execute } from "../../delve/enter/launch.js";
import type { Launched } from "../../delve/enter/served-session.js";
import { undo } from "../../delve/guard/token.js";
import { findByName, waitForName } from "../../delve/program/named-program.js";
import { buildPackage } from "../../delve/program/package.js";
import { delveSession } from "../../delve/session/session.js";
import { type HashedExecutable, hashExecutable, unknownExecutable } from "../../linux/hashed-executable.js";
import type { Opened, StepContext, StepKind } from "../../model/step-kind.js";
import type { Target } from "../../model/target.js";
import { outline } from "./outline.js";
import { type DelveResult, type DelveSpec, opened, result, spec } from "./spec.js";

async function open(spec: DelveSpec, context: StepContext): Promise<Opened<DelveResult>> {
  const { session, end, binary } = await enter(spec, context);
  const { pid, version, debugInformation } = session;
  return {
    value: { pid, version, debug_information: debugInformation, ...(binary ?? unknownExecutable) },
    offers: [{ key: delveSession, value: session }],
    broken: session.broken,
    async close(signal) {
      const { stops, stoppedMilliseconds } = session;
      await end(signal);
      return {
        version,
        pid,
        stopped_milliseconds: stoppedMilliseconds,
        stops,
        debug_information: debugInformation,
        // What was observed is worth more than which binary it was.
        ...(binary ??
          (await hashExecutable(context.target, `/proc/${pid}/exe`, signal).catch(() => unknownExecutable))),
      };
    },
  };
}

/** @returns also the program's binary; null: it is to be looked at when the program has been let go, since now every moment counts */
async function enter(
  spec: DelveSpec,
  context: StepContext,
): Promise<Launched & { readonly binary: HashedExecutable | null }> {
  const { target, signal } = context;
  const cwd = spec.cwd ?? null;
  const budget = spec.max_stopped ?? null;
  if (spec.connect !== undefined) {
    // Its program may run elsewhere.
    return { ...(await connect({ address: spec.connect, budget }, context)), binary: unknownExecutable };
  }
  if (spec.core !== undefined) {
    const opened = await openCore({ path: spec.core, program: spec.program ?? null }, context);
    return { ...opened, binary: await hashExecutable(target, opened.program, signal) };
  }
  const find = finding(spec, target, signal);
  if (find !== null) {
    return { ...(await attach({ find, budget: budget ?? defaultBudgetMilliseconds }, context)), binary: null };
  }
  const argv = spec.exec ?? [await buildPackage(spec.package ?? "", cwd, context), ...(spec.args ?? [])];
  const binary = await hashExecutable(target, argv[0] ?? "", signal, cwd);
  return { ...(await execute({ argv, cwd, budget }, context)), binary };
}

/** How the program is found to which Delve is attached; null when it is another way. */
function finding(spec: DelveSpec, target: Target, signal: AbortSignal): (() => Promise<number>) | null {
  const { attach: pid, process: name, wait_for: awaited } = spec;
  if (pid !== undefined) return async () => pid;
  if (name !== undefined) return () => findByName(target, name, signal);
  if (awaited !== undefined) return () => waitForName(target, awaited, signal);
  return null;
}

/** Holds a program under the Delve debugger for the length of `during`. */
export const delve: StepKind<DelveSpec, DelveResult, DelveResult> = {
  name: "delve",
  doc:
    "Holds a Go program under the Delve debugger for the length of `during`. `exec` and `package` start one, which stands at its entry and is " +
    "ended afterwards with everything it started. `attach`, `process` and `wait_for` take one that runs: it is stopped while Delve attaches " +
    "(about a second), runs on until a stop, and is never ended; afterwards it is checked that it runs and is traced by nobody. `connect` joins " +
    "a Delve that somebody else started, `core` looks at a core file. `debug` and `catch` steps inside work with it.",
  example: `id: session
delve: { exec: [/usr/local/bin/kubelet, --v=2] }
during:
  - debug: [break: net.Listen, continue, print: [network, address]]`,
  spec,
  result,
  opened,
  during: () => "required",
  outline,
  open,
  read: async (_, observed) => ({ ...unknownExecutable, ...observed }),
  undo,
  view: (_, { version, pid, stopped_milliseconds, stops, debug_information }) => [
    {
      type: "facts",
      facts: [
        { label: "Delve", value: version },
        { label: "Process", value: String(pid) },
        { label: "Stops", value: String(stops) },
        { label: "Stood still", value: `${stopped_milliseconds} ms in all` },
        ...(debug_information
          ? []
          : [{ label: "Debug information", value: "none: functions and stacks, but no variables and no goroutines" }]),
      ],
    },
  ],
};
