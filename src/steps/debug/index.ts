import * as z from "zod";
import { asFailure } from "../../delve/rpc/failure.js";
import type { Collecting } from "../../delve/session/breakpoints.js";
import { type DelveSession, delveSession } from "../../delve/session/session.js";
import type { NamedTree } from "../../delve/values/value-tree.js";
import { type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import { settled } from "../../util/settled.js";
import { execute, spell } from "./commands.js";
import { normalise } from "./normalise.js";
import { nothing, type Observation, type Yields } from "./observation.js";
import { priceOf } from "./price.js";
import { type DebugResult, result, toResult } from "./read.js";
import { type Command, type DebugSpec, plannedCommand, spec } from "./spec.js";
import { Transcript } from "./transcript.js";

async function observe(commands: DebugSpec, context: StepContext): Promise<Observation> {
  const session = context.inside(delveSession);
  const transcript = new Transcript(context.capture("transcript"));
  let yields: Yields = nothing();
  const observed = (): Observation => ({ ...yields, ...session.current, turns: transcript.turns });
  try {
    for (const { batch, collecting } of batches(commands, session)) {
      // Answers under way at once shorten the stop; they are taken in order.
      const answers = batch.map((command) => settled(execute(command, collecting, session, context.signal)));
      for (const [index, command] of batch.entries()) {
        const input = spell(command);
        const answer = await answers[index];
        if (answer === undefined) throw new Error("each command has an answer");
        if (answer.ok) {
          transcript.add(input, answer.value.output);
          const kept = answer.value.ran ? { ...yields, values: [], stack: [] } : yields;
          const values = together(kept.values, answer.value.yields.values ?? []);
          yields = { ...kept, ...answer.value.yields, values };
          continue;
        }
        const failure = asFailure(answer.error, input);
        if (!(failure instanceof StepFailure)) throw failure;
        transcript.add(input, () => `Command failed: ${failure.message}`);
        const remedy = failure.remedy ?? (session.debugInformation ? null : stripped);
        throw new StepFailure(failure.message, {
          ...(remedy !== null && { remedy }),
          observed: observed(),
          cause: failure,
        });
      }
    }
    return observed();
  } finally {
    session.leave();
    await transcript.end();
  }
}

/** What several commands read at one place: of the same name the later. */
function together(known: readonly NamedTree[], read: readonly NamedTree[]): readonly NamedTree[] {
  const names = new Set(read.map(({ name }) => name));
  return [...known.filter(({ name }) => !names.has(name)), ...read];
}

/** What to do when something cannot be read of a program without debug information. */
const stripped =
  "the program is stripped, so Delve knows its functions and stacks only: build it without -ldflags='-s -w'";

interface Batch {
  readonly batch: readonly Command[];
  /** What is read where the program stops, when that can be collected with the stop. */
  readonly collecting: Collecting | null;
}

/** Commands in order; those that only read at the place where the program stands come together. */
function* batches(commands: DebugSpec, session: DelveSession): Generator<Batch> {
  let batch: Command[] = [];
  for (const [index, command] of commands.entries()) {
    // While the program runs the first of them has to halt it.
    if (reads(command) && !session.running) {
      batch.push(command);
      continue;
    }
    if (batch.length > 0) yield { batch, collecting: null };
    batch = [];
    yield { batch: [command], collecting: collectable(commands.slice(index + 1)) };
  }
  if (batch.length > 0) yield { batch, collecting: null };
}

const reads = ({ stack, args, locals, print }: Command): boolean =>
  stack !== undefined || args !== undefined || locals !== undefined || print !== undefined;

/** What the next commands read, up to the first of another sort; null when Delve would have to be asked all the same. */
function collectable(next: readonly Command[]): Collecting | null {
  const other = next.findIndex((command) => !reads(command));
  const reading = other === -1 ? next : next.slice(0, other);
  if (reading.length === 0 || reading.some(({ stack, args }) => stack === undefined && args === undefined)) return null;
  return {
    stack: Math.max(0, ...reading.map(({ stack }) => stack ?? 0)),
    arguments: reading.some(({ args }) => args !== undefined),
  };
}

/** Works with the debugger of the enclosing `delve` step as a person would. */
export const debug: StepKind<DebugSpec, Observation, DebugResult> = {
  name: "debug",
  doc:
    "Gives commands to the debugger of the enclosing `delve` step, one after the other. The result holds what the last command that " +
    "yields each part gave, and as `values` all that `print`, `args` and `locals` read; what was read before the program ran on, or before another goroutine was looked at, is not kept. While `next`, " +
    "`step` and `step_out` run one goroutine others run too: `moved` names those that left or reached a breakpoint meanwhile. A " +
    "`continue` that comes to no stop ends with the step's `timeout`: the program is halted, the step fails, the session goes on.",
  example: `delve: { exec: [/usr/local/bin/app] }
during:
  - debug: [break: net.Listen, continue, print: [network, address], stack: 10]`,
  spec,
  result,
  inside: ["delve"],
  notInside: ["catch"],
  normalise,
  outline(written) {
    const parsed = z.array(plannedCommand).safeParse(written);
    const commands = parsed.success ? parsed.data : [];
    return {
      risk: "observe",
      tools: [],
      commands: commands.map((each) => `(dlv) ${spell(each)}${priceOf(each)}`),
      changes: [],
    };
  },
  observe,
  read: async (_, observed) => toResult(observed),
  view: (_, { transcript }) => [{ type: "session", prompt: "(dlv)", turns: transcript }],
};
