import { DelveError } from "../../delve/rpc/json-rpc.js";
import type { Variable } from "../../delve/rpc/protocol.js";
import type { Collecting } from "../../delve/session/breakpoints.js";
import { resolve } from "../../delve/session/locations.js";
import type { DelveSession } from "../../delve/session/session.js";
import { nearestVariable } from "../../delve/values/near-variable.js";
import { listed, type NamedTree, printed, toTree } from "../../delve/values/value-tree.js";
import { StepFailure } from "../../model/step-kind.js";
import { nearMiss } from "../../util/near-miss.js";
import { settled } from "../../util/settled.js";
import { describeStop, formatGoroutine, formatStack, formatValues, place } from "./format.js";
import { listGoroutines } from "./goroutines.js";
import type { Yields } from "./observation.js";
import type { Command, GoroutinesCommand, PlannedCommand } from "./spec.js";

/** What a command gave: a text for the transcript, and the parts of the result that it sets. */
export interface Answer {
  /** Put into words only when it is asked for, which may be when the program runs on already; never rejects. */
  output(): Promise<string> | string;
  readonly yields: Partial<Yields>;
  /** The program ran: what was read before holds no longer. */
  readonly ran: boolean;
}

const answer = (output: string | Answer["output"], yields: Partial<Yields> = {}): Answer => ({
  output: typeof output === "string" ? () => output : output,
  yields,
  ran: false,
});

/** A command as a person would type it. */
export function spell(command: PlannedCommand): string {
  if (command.break !== undefined) {
    const { at, where } = command.break;
    return where === undefined ? `break ${at}` : `break ${at} if ${where}`;
  }
  if (command.print !== undefined) return `print ${command.print.join(", ")}`;
  if (command.stack !== undefined) return `stack ${command.stack}`;
  if (command.goroutine !== undefined) return `goroutine ${command.goroutine}`;
  if (command.goroutines !== undefined) return spellGoroutines(command.goroutines);
  if (command.clear !== undefined) return command.clear.at === undefined ? "clearall" : `clear ${command.clear.at}`;
  if (command.source !== undefined) return command.source.at === undefined ? "list" : `list ${command.source.at}`;
  return Object.keys(command)[0]?.replace("_", "") ?? "";
}

function spellGoroutines({
  at,
  with: filter,
  group_by,
  stack,
  print,
  limit,
}: NonNullable<PlannedCommand["goroutines"]>): string {
  return [
    "goroutines",
    ...(at === undefined ? [] : [`at ${at}`]),
    ...(filter === undefined ? [] : [`-with ${filter}`]),
    ...(group_by === undefined ? [] : [`-group ${group_by}`]),
    ...(stack === undefined ? [] : [`-stack ${stack}`]),
    ...(print === undefined ? [] : [`print ${print.join(", ")}`]),
    ...(limit === undefined ? [] : [`limit ${limit}`]),
  ].join(" ");
}

/**
 * Runs one command.
 * @param collecting what will be read at the stop, and can be collected with it
 * @throws StepFailure, or what Delve refused with
 */
export async function execute(
  command: Command,
  collecting: Collecting | null,
  session: DelveSession,
  signal: AbortSignal,
): Promise<Answer> {
  session.requireProgram(spell(command));
  if (command.continue === true) return await goOn(session, collecting, signal);
  if (command.next === true) return await run("next", session, signal);
  if (command.step === true) return await run("step", session, signal);
  if (command.step_out === true) return await run("stepOut", session, signal);
  if (command.halt === true) return await halt(session, signal);
  const changesBreakpoints = command.break !== undefined || command.clear !== undefined;
  await (changesBreakpoints ? session.stand(signal) : session.look(signal));
  const { current } = session;
  const scope = { GoroutineID: current.goroutine ?? -1, Frame: 0 };
  if (command.break !== undefined) return answer(await setBreakpoint(command.break, session, signal));
  if (command.clear !== undefined) return answer(await clear(command.clear.at, session, signal));
  if (command.print !== undefined) {
    const values: NamedTree[] = [];
    for (const read of command.print.map((expression) => settled(print(expression, session, signal)))) {
      const found = await read;
      if (!found.ok) throw found.error;
      values.push(found.value);
    }
    return answer(() => formatValues(values), { values });
  }
  if (command.args === true) return showAll(await session.arguments(signal), "no arguments");
  if (command.locals === true) {
    return showAll(await session.client.listLocals(scope, listed, signal), "no local variables");
  }
  if (command.stack !== undefined) {
    const frames = await session.stack(command.stack, signal);
    return answer(() => formatStack(frames), { stack: frames });
  }
  if (command.goroutine !== undefined) {
    await session.select(command.goroutine, signal);
    const { goroutine, location } = session.current;
    const at = location === null ? "" : `\n> ${place(location)}`;
    return { ...answer(`Switched from ${current.goroutine ?? "none"} to ${goroutine}${at}`), ran: true };
  }
  if (command.goroutines !== undefined) return await goroutines(command.goroutines, session, signal);
  return answer(await source(command.source?.at, session, signal));
}

async function setBreakpoint(
  { at, where = "" }: NonNullable<Command["break"]>,
  session: DelveSession,
  signal: AbortSignal,
): Promise<string> {
  const addresses: string[] = [];
  for (const place of await resolve(session.client, at, signal))
    addresses.push(...(await session.stacks.stopsFor(place, signal)));
  const known = session.breakpoints.get(at);
  if (known?.where === where) return `Breakpoint ${known.id} is set at ${at} already`;
  if (known !== null) {
    await session.breakpoints.amend(at, where, signal);
    return `Breakpoint ${known.id} at ${at} stops ${where === "" ? "always" : `if ${where}`} now`;
  }
  const made = await session.breakpoints.create(at, addresses, where, signal);
  // Of several places Delve says no single one.
  const name = made.functionName === "" || made.line === 0 ? at : `${made.functionName}() ${made.file}:${made.line}`;
  return `Breakpoint ${made.id} set for ${name}${where === "" ? "" : ` if ${where}`}`;
}

async function clear(at: string | undefined, session: DelveSession, signal: AbortSignal): Promise<string> {
  const { locations } = session.breakpoints;
  const done: string[] = [];
  for (const name of at === undefined ? locations : [at]) {
    const found = session.breakpoints.get(name);
    if (found === null) {
      const near = nearMiss(name, locations);
      const set = locations.join(", ");
      throw new StepFailure(
        `clear: no breakpoint was set at ${name}${near === null ? "" : `; did you mean ${near}?`}`,
        set === "" ? {} : { remedy: `set are ${set}` },
      );
    }
    await session.breakpoints.clear(name, signal);
    done.push(`Breakpoint ${found.id} cleared at ${name}`);
  }
  return done.length === 0 ? "no breakpoint was set" : done.join("\n");
}

async function goOn(session: DelveSession, collecting: Collecting | null, signal: AbortSignal): Promise<Answer> {
  if (!session.runsOn || session.breakpoints.locations.length > 0) {
    if (collecting !== null && !session.running) await session.breakpoints.collect(collecting, signal);
    return await run("continue", session, signal);
  }
  session.letRun();
  return { ...answer("no breakpoint is set: the program runs on"), ran: true };
}

async function halt(session: DelveSession, signal: AbortSignal): Promise<Answer> {
  await session.halt(signal);
  const { location } = session.current;
  return {
    ...answer(location === null ? "the program stands" : `the program stands\n> ${place(location)}`),
    ran: true,
  };
}

async function run(
  how: "continue" | "next" | "step" | "stepOut",
  session: DelveSession,
  signal: AbortSignal,
): Promise<Answer> {
  const stop = await session.run(how, signal);
  const returned = stop.returned.map((result) => ({ name: nameOf(result), value: toTree(result, printed) }));
  const description = describeStop(session, stop, signal);
  const words = async (): Promise<string> =>
    [await description(), ...(returned.length === 0 ? [] : [formatValues(returned)])].join("\n");
  const moved = stop.moved.map(({ goroutine, from, to }) => ({ id: goroutine, from, to }));
  return { output: words, yields: { returned, moved }, ran: true };
}

async function print(expression: string, session: DelveSession, signal: AbortSignal): Promise<NamedTree> {
  const scope = { GoroutineID: session.current.goroutine ?? -1, Frame: 0 };
  try {
    return {
      name: expression,
      value: toTree(await session.client.eval(scope, expression, printed, signal), printed),
    };
  } catch (error) {
    if (!(error instanceof DelveError)) throw error;
    const near = await nearestVariable(expression, scope, session.client, signal);
    throw new StepFailure(`print ${expression}: ${error.message}${near === null ? "" : `; did you mean ${near}?`}`);
  }
}

/** Delve's names for results without one, `~r0`, could not be written in a condition. */
const nameOf = (found: Variable): string => found.name.replace(/^~/, "");

function showAll(variables: readonly Variable[], none: string): Answer {
  const values = variables.map((each) => ({ name: nameOf(each), value: toTree(each, listed) }));
  return answer(() => (values.length === 0 ? none : formatValues(values)), { values });
}

async function goroutines(wanted: GoroutinesCommand, session: DelveSession, signal: AbortSignal): Promise<Answer> {
  const found = await listGoroutines(wanted, session, signal);
  if (wanted.group_by !== undefined) {
    const lines = found.groups.map(({ name, count }) => `${String(count).padStart(6)}  ${name}`);
    return answer([...lines, `[${found.groups.length} groups]`].join("\n"), found);
  }
  const current = session.current.goroutine;
  const more = found.truncated ? ", and more that are not shown" : "";
  const words = (): string => {
    const rows = found.goroutines.map((row) => formatGoroutine(row, current));
    return [...rows, `[${rows.length} goroutines${more}]`].join("\n");
  };
  return answer(words, found);
}

async function source(at: string | undefined, session: DelveSession, signal: AbortSignal): Promise<string> {
  const found = at === undefined ? session.current.location : (await resolve(session.client, at, signal))[0];
  if (found === null || found === undefined) throw new StepFailure("source: the program stands at no known place");
  const excerpt = await session.sources.excerpt(found.file, found.line, signal);
  return excerpt ?? `the host has no ${found.file}: the program was built elsewhere`;
}
