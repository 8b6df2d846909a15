import { resolve } from "node:path/posix";
import type { ByteSink, Evidence } from "../model/evidence.js";
import type { OfStep } from "../model/step-event.js";
import type { Command, Exit, HeldProcess, Output, Target } from "../model/target.js";
import { checkFits } from "./fitting.js";
import type { Counters, Recorder } from "./recorder.js";

/** The same target, with every command it runs written into the journal as an event of one step. */
export function recordingTarget(
  target: Target,
  of: OfStep,
  user: string | null,
  recorder: Recorder,
  counters: Counters,
): Target {
  const started = (command: Command): number => {
    const number = counters.command();
    recorder.emit({
      type: "command-started",
      ...of,
      command: number,
      argv: command.argv,
      cwd: command.cwd === undefined ? target.cwd : resolve(target.cwd, command.cwd),
      env: command.env ?? {},
      host: target.name,
      user,
    });
    return number;
  };
  const finished = (number: number, exit: Exit, { bytes, wasCut }: CountedOutput, since: number): void => {
    recorder.emit({
      type: "command-finished",
      ...of,
      command: number,
      exit,
      milliseconds: Math.round(performance.now() - since),
      bytes: bytes(),
      truncated: wasCut(),
    });
  };
  return {
    name: target.name,
    cwd: target.cwd,
    facts: (signal) => target.facts(signal),
    lost: target.lost,
    reconnect: (signal) => target.reconnect(signal),
    async run(command, output, signal) {
      checkFits(command);
      const number = started(command);
      const since = performance.now();
      const counted = countedOutput(output);
      const exit = await target.run(command, counted.output, signal);
      finished(number, exit, counted, since);
      return exit;
    },
    async hold(command, output, options) {
      checkFits(command);
      const since = performance.now();
      const counted = countedOutput(output);
      const held: HeldProcess = await target.hold(command, counted.output, options);
      const number = started(command);
      const exit = held.exit.then((how) => {
        finished(number, how, counted, since);
        return how;
      });
      return { ...held, release: () => held.release(), exit, stop: (signal) => held.stop(signal) };
    },
    read: (path, signal) => target.read(path, signal),
    write: (path, bytes, signal) => target.write(path, bytes, signal),
    connect: (address, signal) => target.connect(address, signal),
    as: (name) => recordingTarget(target.as(name), of, name, recorder, counters),
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  };
}

const isEvidence = (sink: ByteSink): sink is Evidence => "bytes" in sink;

/** Where one command's output goes, with what it has printed so far, before anything is masked. */
interface CountedOutput {
  readonly output: Output;
  readonly bytes: () => { readonly stdout: number; readonly stderr: number };
  readonly wasCut: () => boolean;
}

function countedOutput({ stdout, stderr }: Output): CountedOutput {
  const [out, err] = [counted(stdout), counted(stderr)];
  return {
    output: { stdout: out.sink, stderr: err.sink },
    bytes: () => ({ stdout: out.bytes(), stderr: err.bytes() }),
    wasCut: () => isCut(stdout) || isCut(stderr),
  };
}

function counted(sink: ByteSink): { readonly sink: ByteSink; readonly bytes: () => number } {
  if (sink.directFile !== null && isEvidence(sink)) {
    const before = sink.bytes();
    return { sink, bytes: () => sink.bytes() - before };
  }
  let bytes = 0;
  const write = (chunk: Uint8Array): void | Promise<void> => {
    bytes += chunk.length;
    return sink.write(chunk);
  };
  return { sink: { directFile: sink.directFile, write }, bytes: () => bytes };
}

const isCut = (sink: ByteSink): boolean => isEvidence(sink) && sink.cut() !== null;
