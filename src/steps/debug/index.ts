import { asFailure } from "../../delve/failure.js";
import { delveSession } from "../../delve/session.js";
import type { NamedTree } from "../../delve/value-tree.js";
import { type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import { execute, spell } from "./commands.js";
import { normalise } from "./normalise.js";
import { nothing, type Observation, type Turn, type Yields } from "./observation.js";
import { type DebugResult, result, toResult } from "./read.js";
import { type Command, type DebugSpec, spec } from "./spec.js";

async function observe(commands: DebugSpec, context: StepContext): Promise<Observation> {
  const session = context.inside(delveSession);
  const transcript = context.capture("transcript");
  const turns: Turn[] = [];
  let yields: Yields = nothing();
  const observed = (): Observation => ({ ...yields, ...session.current, turns });
  const note = async (turn: Turn): Promise<void> => {
    turns.push(turn);
    const text = `(dlv) ${turn.input}\n${turn.output === "" ? "" : `${turn.output}\n`}`;
    await transcript.write(Buffer.from(text));
  };
  try {
    for (const command of commands) {
      const input = spell(command);
      try {
        const answer = await execute(command, session, context.signal);
        await note({ input, output: answer.output });
        const kept = answer.ran ? { ...yields, values: [], stack: [] } : yields;
        yields = { ...kept, ...answer.yields, values: together(kept.values, answer.yields.values ?? []) };
      } catch (error) {
        const failure = asFailure(error, input);
        if (!(failure instanceof StepFailure)) throw failure;
        await note({ input, output: `Command failed: ${failure.message}` });
        const remedy = failure.remedy === null ? {} : { remedy: failure.remedy };
        throw new StepFailure(failure.message, { ...remedy, observed: observed(), cause: failure });
      }
    }
    return observed();
  } finally {
    session.leave();
  }
}

/** What several commands read at one place: of the same name the later. */
function together(known: readonly NamedTree[], read: readonly NamedTree[]): readonly NamedTree[] {
  const names = new Set(read.map(({ name }) => name));
  return [...known.filter(({ name }) => !names.has(name)), ...read];
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
    const parsed = spec.safeParse(written);
    const commands: readonly Command[] = parsed.success ? parsed.data : [];
    return { risk: "observe", tools: [], commands: commands.map((each) => `(dlv) ${spell(each)}`), changes: [] };
  },
  observe,
  read: async (_, observed) => toResult(observed),
  view: (_, { transcript }) => [{ type: "session", prompt: "(dlv)", turns: transcript }],
};
