import { asFailure } from "../../delve/failure.js";
import { delveSession } from "../../delve/session.js";
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
        yields = { ...yields, ...(answer.ran && { values: [], stack: [] }), ...answer.yields };
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

/** Works with the debugger of the enclosing `delve` step as a person would. */
export const debug: StepKind<DebugSpec, Observation, DebugResult> = {
  name: "debug",
  doc:
    "Gives commands to the debugger of the enclosing `delve` step, one after the other. The result holds what the last command that " +
    "yields each part gave; what was read before the program ran on, or before another goroutine was looked at, is not kept. While `next`, " +
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
