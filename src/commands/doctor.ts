import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type Clock, readClock } from "../engine/clock.js";
import { StepFailure } from "../model/step-kind.js";
import type { HostFacts } from "../model/target.js";
import { plan } from "../runbook/plan.js";
import { kindNames, loadKinds } from "../steps/index.js";
import { connectTarget, TargetUnavailable } from "../targets/index.js";
import { visibleLine } from "../util/visible.js";
import { reportsFolder } from "./case-argument.js";
import { exitCode } from "./exit-code.js";
import type { InputOptions } from "./inputs/given-inputs.js";
import { knownInputs } from "./inputs/known-inputs.js";
import type { Io } from "./io.js";
import { addInputOptions } from "./options.js";
import { frames, readRunbook } from "./read-runbook.js";
import { checkHost } from "./running/hosts.js";
import { type Needs, needsOf, needsOfKinds } from "./running/needs.js";
import { type Check, preflight } from "./running/preflight.js";

interface Options extends InputOptions {
  readonly host: string;
  readonly out?: string;
}

export function define(command: Command): void {
  addInputOptions(command.argument("[runbook]", "what it needs; without one, what all kinds of steps can use"))
    .option("--host <url>", "the host to look at", "local")
    .option("--out <dir>", "where the case would go (default: reports/)");
}

/** Milliseconds for all that is asked of a host. */
const patience = 60_000;

/** Prints which tools, versions and rights a host has, each lack with its remedy. Exits 69 when something needed is missing. */
export async function execute(io: Io, file: string | undefined, options: Options): Promise<number> {
  await checkHost(options.host);
  let needs: Needs;
  if (file === undefined) needs = needsOfKinds(await loadKinds(kindNames));
  else {
    const read = await readRunbook(io.cwd, file);
    if (!read.loaded.ok) {
      io.stderr.write(frames(read, read.loaded.diagnostics, io.stderr.colour));
      return exitCode.invalidRunbook;
    }
    const runbook = read.loaded.value;
    needs = needsOf(plan(runbook, await knownInputs(io, runbook, options)).steps);
  }
  const scratch = await mkdtemp(join(tmpdir(), "casebook-doctor-"));
  try {
    return await examine(io, file, options, needs, scratch);
  } catch (error) {
    if (!(error instanceof TargetUnavailable || error instanceof StepFailure)) throw error;
    io.stdout.write(`${visibleLine(`✗ missing  ${options.host} cannot be worked on: ${error.message}`)}\n`);
    return exitCode.preflight;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function examine(
  io: Io,
  file: string | undefined,
  options: Options,
  needs: Needs,
  scratch: string,
): Promise<number> {
  const signal = AbortSignal.timeout(patience);
  await using target = await connectTarget(options.host, { signal, scratch });
  const facts = await target.facts(signal);
  const place = resolve(io.cwd, options.out ?? reportsFolder);
  const found = await preflight({ target, facts, needs, place, thorough: true }, signal);
  const clock = clockCheck(await readClock(target, io.now, signal), facts);
  // What was cut short would read as missing.
  if (signal.aborted) throw new TargetUnavailable(`no answer within ${patience / 1000} s`);
  const checks = [...found.checks, clock];
  const lines = [
    `${options.host}: ${facts.hostname}, ${facts.os}, ${facts.kernel}, as ${facts.user} (uid ${facts.uid})`,
    ...(["tools", "rights", "disk", "clock"] as const).flatMap((about) => section(about, checks)),
    "",
    closing(checks, file),
  ];
  io.stdout.write(lines.map((line) => `${visibleLine(line)}\n`).join(""));
  return checks.some(({ state }) => state === "missing") ? exitCode.preflight : exitCode.ok;
}

const marks = { ok: "✓ ok     ", limited: "△ limited", missing: "✗ missing" } as const;

function section(about: Check["about"], checks: readonly Check[]): readonly string[] {
  const here = checks.filter((check) => check.about === about);
  if (here.length === 0) return [];
  const lines = here.flatMap(({ state, text, remedy }) => [
    `${marks[state]}  ${text}`,
    ...(remedy === null ? [] : [`           → ${remedy}`]),
  ]);
  return ["", about, ...lines];
}

function clockCheck({ ahead, within, synchronised }: Clock, { hostname }: HostFacts): Check {
  const off = ahead === null ? 0 : Math.max(0, Math.abs(ahead) - within);
  const remedy = `set the clock of ${hostname}, with timedatectl set-ntp true or chrony: a report puts its events beside the host's`;
  const about = "clock" as const;
  if (ahead === null) return { about, state: "limited", text: "the host does not tell its time", remedy };
  const text = [
    off < 500
      ? "the host's clock agrees with this machine's"
      : `the host's clock is ${(Math.abs(ahead) / 1000).toFixed(1)} s ${ahead > 0 ? "ahead of" : "behind"} this machine's`,
    synchronised === null
      ? "whether it is synchronised is not known there"
      : `it is ${synchronised ? "" : "not "}synchronised`,
  ].join("; ");
  const fine = off < 500 && synchronised !== false;
  return { about, state: fine ? "ok" : "limited", text, remedy: fine ? null : remedy };
}

function closing(checks: readonly Check[], file: string | undefined): string {
  const count = checks.filter(({ state }) => state === "missing").length;
  if (count > 0) return `${count} needed ${count === 1 ? "thing is" : "things are"} missing: nothing would run`;
  if (file === undefined) return "What every runbook needs is there";
  const limited = checks.some(({ about, state }) => about === "tools" && state === "limited");
  return `What ${file} needs is there${limited ? ", but for the tools that are limited" : ""}`;
}
