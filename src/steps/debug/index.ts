import * as z from "zod";
import { asFailure } from "../../delve/rpc/failure.js";
import { type DelveSession, delveSession } from "../../delve/session/session.js";
import type { NamedTree } from "../../delve/values/value-tree.js";
import { type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import { type Answer, execute, spell } from "./commands.js";
import { normalise } from "./normalise.js";
import { nothing, type Observation, type Turn, type Yields } from "./observation.js";
import { priceOf } from "./price.js";
import { type DebugResult, result, toResult } from "./read.js";
import { type Command, type DebugSpec, plannedCommand, spec } from "./spec.js";

async function observe(commands: DebugSpec, context: StepContext): Promise<Observation> {
  const session = context.inside(delveSession);
  const transcript = context.capture("transcript");
  const turns: Turn[] = [];
  let yields: Yields = nothing();
  const observed = (): Observation => ({ ...yields, ...session.current, turns });
  const written: (Promise<void> | void)[] = [];
  /** What was answered and is not in the transcript: it is put into words while the program runs on already. */
  const unsaid: { readonly input: string; readonly output: Answer["output"] }[] = [];
  const say = async (): Promise<void> => {
    for (const { input, output } of unsaid.splice(0)) {
      const turn = { input, output: await output() };
      turns.push(turn);
      written.push(transcript.write(Buffer.from(`(dlv) ${input}\n${turn.output === "" ? "" : `${turn.output}\n`}`)));
    }
  };
  try {
    for (const batch of batches(commands, session)) {
      // Answers under way at once shorten the stop; they are taken in order.
      const answers = batch.map((command) => settled(execute(command, session, context.signal)));
      await say();
      for (const [index, command] of batch.entries()) {
        const input = spell(command);
        const answer = await answers[index];
        if (answer === undefined) throw new Error("each command has an answer");
        if (answer.ok) {
          unsaid.push({ input, output: answer.value.output });
          const kept = answer.value.ran ? { ...yields, values: [], stack: [] } : yields;
          const values = together(kept.values, answer.value.yields.values ?? []);
          yields = { ...kept, ...answer.value.yields, values };
          continue;
        }
        const failure = asFailure(answer.error, input);
        if (!(failure instanceof StepFailure)) throw failure;
        unsaid.push({ input, output: () => `Command failed: ${failure.message}` });
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
    await say();
    await Promise.all(written);
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

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

const settled = <T>(promise: Promise<T>): Promise<Settled<T>> =>
  promise.then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );

/** Commands in order; those that only read at the place where the program stands come together. */
function* batches(commands: DebugSpec, session: DelveSession): Generator<readonly Command[]> {
  const reads = ({ stack, args, locals, print }: Command): boolean =>
    stack !== undefined || args !== undefined || locals !== undefined || print !== undefined;
  let batch: Command[] = [];
  for (const command of commands) {
    // While the program runs the first of them has to halt it.
    if (reads(command) && !session.running) {
      batch.push(command);
      continue;
    }
    if (batch.length > 0) yield batch;
    batch = [];
    yield [command];
  }
  if (batch.length > 0) yield batch;
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
