import { endProcess } from "../../linux/end-process.js";
import { readIdentity, writeIdentity } from "../../linux/written-identity.js";
import type { EvidenceRef } from "../../model/evidence.js";
import { isJsonObject } from "../../model/json.js";
import { type ProgramOutput, programOutput, startedProgram } from "../../model/offers.js";
import { type Opened, type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import type { Ending, Exit, HeldProcess } from "../../model/target.js";
import { quoteWords } from "../../util/shell-quote.js";
import { timeLimit } from "../../util/time-limit.js";
import { decodeUtf8 } from "../../util/utf8.js";
import { notStarted } from "../not-started.js";
import { isCut, outputBlock, readText } from "../output.js";
import { liveOutput } from "./output.js";
import { becomesReady, describeReady } from "./ready.js";
import {
  endingOf,
  opened,
  type Ready,
  result,
  type StartResult,
  type StartSpec,
  spec,
  type Token,
  token,
} from "./spec.js";

interface Ran {
  readonly pid: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly stdout: EvidenceRef | null;
  readonly stderr: EvidenceRef | null;
}

async function open(spec: StartSpec, context: StepContext): Promise<Opened<Ran>> {
  const stdout = context.capture("stdout");
  const stderr = context.capture("stderr");
  const live = liveOutput(stdout, stderr, context.now);
  const ending = endingOf(spec);
  const held = await context.target.hold(
    { argv: spec.command, env: context.env, ending, ...(spec.cwd !== undefined && { cwd: spec.cwd }) },
    live,
    { stdin: false },
  );
  const { pid } = held.identity;
  await announce(spec, ending, held, context);
  held.release();
  const output = live.offer(held.exit);
  if (spec.ready !== undefined) await waitReady(spec.ready, held, output, context);
  return {
    value: { pid },
    offers: [
      { key: programOutput, value: output },
      { key: startedProgram, value: held.identity },
    ],
    async close(signal) {
      const exit = await held.stop(signal);
      const refs = { stdout: await stdout.close(), stderr: await stderr.close() };
      return { pid, exit_code: exit.code, signal: exit.signal, ...refs };
    },
  };
}

/** Before the program is let go: what is not in the journal must not run. */
async function announce(spec: StartSpec, ending: Ending, held: HeldProcess, context: StepContext): Promise<void> {
  const whom: Token = {
    ...writeIdentity(held.identity),
    signal: ending.signal,
    grace_milliseconds: ending.graceMilliseconds,
  };
  try {
    await context.announce({
      what: `started ${quoteWords(spec.command)} as process ${whom.pid}`,
      undo: `SIG${ending.signal} to its group, SIGKILL after ${ending.graceMilliseconds / 1000} s`,
      token: { ...whom },
    });
  } catch (error) {
    await held.stop(AbortSignal.timeout(2 * ending.graceMilliseconds));
    throw error;
  }
}

/** @throws StepFailure when the program ended or the time was over before it was ready; the engine then ends it */
async function waitReady(ready: Ready, held: HeldProcess, output: ProgramOutput, context: StepContext): Promise<void> {
  const within = ready.within ?? 30_000;
  const ended = new AbortController();
  let exit: Exit | null = null;
  void held.exit.then((how) => {
    exit = how;
    ended.abort();
  });
  using limit = timeLimit(context.signal, within);
  const signal = AbortSignal.any([limit.signal, ended.signal]);
  const candidate = { target: context.target, pid: held.identity.pid, output };
  const seen = await becomesReady(ready, candidate, signal);
  if (seen === null) return;
  const expected = `expected ${describeReady(ready)}`;
  if (exit !== null) {
    const how = describeExit(exit);
    throw new StepFailure(`${expected}, but the program ended before with ${how}${lastWords(output)}`);
  }
  context.signal.throwIfAborted();
  throw new StepFailure(`${expected} within ${within / 1000} s, but ${seen}${lastWords(output)}`, {
    remedy: "give it more time with `ready: { within: … }`, or look at its output",
  });
}

const describeExit = (exit: Exit): string => (exit.code === null ? `${exit.signal}` : `exit code ${exit.code}`);

/** The last lines that the program printed, as the end of a sentence. */
function lastWords(output: ProgramOutput): string {
  const lines = output.streams.flatMap((stream) => {
    const bytes = Buffer.concat(
      stream
        .chunks()
        .slice(-20)
        .map((chunk) => chunk.bytes),
    );
    return decodeUtf8(bytes.subarray(-4096))
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-3);
  });
  return lines.length === 0 ? "; it printed nothing" : `; it printed last: ${lines.join(" ⏎ ").slice(-600)}`;
}

/** That it ended by itself is no failure, but that it never was there is. */
function failure({ command: [program = ""], cwd }: StartSpec, { exit_code, stderr }: StartResult): string | null {
  return notStarted({ program, cwd, exitCode: exit_code, stderr });
}

/** Runs a program for the length of `during`. */
export const start: StepKind<StartSpec, Ran, StartResult> = {
  name: "start",
  doc:
    "Starts a program, waits until it is ready, and ends it after `during`, whatever happens. Its output is captured, and a `log` step " +
    "inside may read it with `of`. That it ends by itself meanwhile is recorded and is no failure.",
  example: `id: program
start:
  command: [kubelet, --port, "10248"]
  ready: { port: 10248 }
during:
  - sockets: { pid: "{{program.pid}}", state: listening }`,
  spec,
  result,
  opened,
  during: () => "required",
  normalise: (written) => (typeof written === "string" || Array.isArray(written) ? { command: written } : written),
  outline(written) {
    const named = isJsonObject(written) ? (written.command ?? []) : [];
    const command = (Array.isArray(named) ? named : [named]).map(String); // not known yet: `‹command›`
    const tools = command.slice(0, 1).filter((program) => !program.includes("‹"));
    const signal = isJsonObject(written) && typeof written.stop === "string" ? written.stop : "TERM";
    return {
      risk: "perturb",
      tools: tools.map((program) => ({ any: [program], packages: [], why: "the program to start", advisory: true })),
      commands: command.length === 0 ? [] : [quoteWords(command)],
      changes: [{ what: "starts a program", undo: `ends it with ${signal}, after 5 s with KILL` }],
    };
  },
  open,
  async read(_, observed, evidence) {
    const stdout = await readText(observed.stdout, evidence);
    const stderr = await readText(observed.stderr, evidence);
    return { pid: observed.pid, exit_code: observed.exit_code, stdout, stderr, truncated: isCut(stdout, stderr) };
  },
  failure,
  async undo(written, context) {
    const { signal, grace_milliseconds, ...identity } = token.parse(written);
    const ending: Ending = { signal, graceMilliseconds: grace_milliseconds, kill: true };
    return await endProcess(context.target, readIdentity(identity), ending, context.signal);
  },
  view: (_, { pid, exit_code, stdout, stderr }) => [
    {
      type: "facts",
      facts: [
        { label: "Process", value: String(pid) },
        { label: "Exit code", value: exit_code === null ? "none: ended by a signal" : String(exit_code) },
      ],
    },
    ...outputBlock("stdout", stdout),
    ...outputBlock("stderr", stderr),
  ],
};
