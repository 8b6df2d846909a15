import { resolve } from "node:path/posix";
import type { OfStep } from "../model/event.js";
import type { ByteSink, Evidence } from "../model/evidence.js";
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
  const finished = (number: number, exit: Exit, output: Output, since: number): void => {
    recorder.emit({
      type: "command-finished",
      ...of,
      command: number,
      exit,
      milliseconds: Math.round(performance.now() - since),
      bytes: { stdout: bytesOf(output.stdout), stderr: bytesOf(output.stderr) },
      truncated: wasCut(output.stdout) || wasCut(output.stderr),
    });
  };
  return {
    name: target.name,
    cwd: target.cwd,
    facts: (signal) => target.facts(signal),
    async run(command, output, signal) {
      checkFits(command);
      const number = started(command);
      const since = performance.now();
      const exit = await target.run(command, output, signal);
      finished(number, exit, output, since);
      return exit;
    },
    async hold(command, output, options) {
      checkFits(command);
      const since = performance.now();
      const held: HeldProcess = await target.hold(command, output, options);
      const number = started(command);
      const exit = held.exit.then((how) => {
        finished(number, how, output, since);
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

const bytesOf = (sink: ByteSink): number => (isEvidence(sink) ? sink.bytes() : 0);

const wasCut = (sink: ByteSink): boolean => isEvidence(sink) && sink.cut() !== null;
