import { DelveError } from "../../delve/rpc/json-rpc.js";
import type { LoadConfig, Variable } from "../../delve/rpc/protocol.js";
import type { DelveSession } from "../../delve/session/session.js";
import { nearestVariable } from "../../delve/values/near-variable.js";
import { type NamedTree, printed, toTree, type ValueTree } from "../../delve/values/value-tree.js";
import { StepFailure } from "../../model/step-kind.js";

/** How much Delve reads of what a breakpoint collects; it cannot be told otherwise (collectBreakpointInformation). */
const collected: LoadConfig = {
  FollowPointers: true,
  MaxVariableRecurse: 1,
  MaxStringLen: 64,
  MaxArrayValues: 64,
  MaxStructFields: -1,
};

const unknownName = /could not find symbol value/;

/** The expressions of `read` at one hit: as the breakpoint collected them, and where that was cut, read again. */
export async function readValues(
  read: Readonly<Record<string, string>>,
  variables: readonly Variable[],
  goroutine: number,
  session: DelveSession,
  signal: AbortSignal,
): Promise<readonly NamedTree[]> {
  const values: NamedTree[] = [];
  for (const [index, [name, expression]] of Object.entries(read).entries()) {
    const variable = variables[index];
    const first: ValueTree =
      variable === undefined
        ? { kind: "unreadable", type: "", why: "the program has no debug information" }
        : toTree(variable, collected);
    const value = isWhole(first) ? first : await readAgain(expression, goroutine, session, signal);
    values.push({ name, value: value.kind === "unreadable" ? plain(value) : value });
  }
  return values;
}

/** An expression with a name that is not there is a mistake, if it could be read at no place. @throws StepFailure */
export async function refuseUnknownNames(
  read: Readonly<Record<string, string>>,
  values: readonly NamedTree[],
  goroutine: number,
  session: DelveSession,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, value } of values) {
    if (value.kind !== "unreadable" || !unknownName.test(value.why)) continue;
    const expression = read[name] ?? name;
    const near = await nearestVariable(expression, { GoroutineID: goroutine, Frame: 0 }, session.client, signal);
    throw new StepFailure(`read ${expression}: ${value.why}${near === null ? "" : `; did you mean ${near}?`}`);
  }
}

async function readAgain(
  expression: string,
  goroutine: number,
  { client }: DelveSession,
  signal: AbortSignal,
): Promise<ValueTree> {
  try {
    return toTree(await client.eval({ GoroutineID: goroutine, Frame: 0 }, expression, printed, signal), printed);
  } catch (error) {
    if (error instanceof DelveError) return { kind: "unreadable", type: "", why: error.message };
    throw error;
  }
}

const plain = (value: Extract<ValueTree, { kind: "unreadable" }>): ValueTree => ({
  ...value,
  why: value.why.replace(/^eval error: /, ""),
});

/** Nothing of it was left out. */
function isWhole(tree: ValueTree): boolean {
  switch (tree.kind) {
    case "string":
      return tree.omitted === 0;
    case "struct":
      return tree.fields.every(({ value }) => isWhole(value));
    case "list":
      return tree.items.length === tree.length && tree.items.every(isWhole);
    case "map":
      return (
        tree.entries.length === tree.length && tree.entries.every(({ key, value }) => isWhole(key) && isWhole(value))
      );
    case "pointer":
      return isWhole(tree.to);
    case "interface":
      return isWhole(tree.holds);
    case "unloaded":
      return false;
    default:
      return true;
  }
}
