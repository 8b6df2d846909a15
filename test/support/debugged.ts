import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";
import { waitUntil } from "../../src/linux/wait-until.js";
import { type RanCase, runText } from "./casebook.js";
import { type ServedProgram, threadsOf } from "./served-program.js";

/** The Delve that casebook takes in these tests, unless a test names another. */
export const dlv = process.env.CASEBOOK_DLV ?? "dlv";

/** Of its version, 1.20 or newer. */
export const delveMinor = Number(/Version: 1\.(\d+)/.exec(execFileSync(dlv, ["version"], { encoding: "utf8" }))?.[1]);

/** A runbook that looks at a program once, whatever the way to it: `{ attach: 4711 }`. */
export const lookingRunbook = (way: string, commands = looking): string => `casebook: 1
title: A way to a program
steps:
  - id: session
    delve: ${way}
    timeout: 60s
    during:
      - { id: looked, debug: ${commands} }
`;
const looking = "[{ goroutines: { at: main.main, stack: 5 } }]";

export const look = (way: string, commands = looking): Promise<RanCase> =>
  runText(lookingRunbook(way, commands), ["--allow", "disrupt"]);

/** Why a way is refused, and what to do; nothing was stopped. */
export async function refusal(way: string): Promise<string> {
  const ran = await look(way);
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.of("process-stopped")).toEqual([]);
  const { reason, remedy } = ran.finished("session");
  return `${reason}; ${remedy}`;
}

/** The program runs, and nobody traces it. */
export async function expectFree(served: ServedProgram): Promise<void> {
  expect(threadsOf(served.pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
  expect(await served.healthz()).toBe("ok");
}

/** A Delve that was told to let a program run on does so once it has loaded it. */
export async function untilRunsTraced(served: ServedProgram): Promise<void> {
  const runs = await waitUntil(
    async () => (threadsOf(served.pid).every(({ tracer, state }) => tracer !== 0 && state !== "t") ? true : null),
    AbortSignal.timeout(20_000),
  );
  expect(runs).toBe(true);
}

/** A Delve of somebody else. */
export interface OtherDelve extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly address: string;
  /** It lets go of its program, or ends one that it started. Idempotent. */
  end(): Promise<void>;
}

export async function startDelve(args: readonly string[]): Promise<OtherDelve> {
  const child = spawn(dlv, [...args, "--headless", "--listen=127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const found = /listening at: (\S+)\n/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(said)));
  });
  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
  }
  return { child, address, end, [Symbol.asyncDispose]: end };
}
