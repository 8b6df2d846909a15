import { nearMiss } from "../../util/near-miss.js";
import { DelveError } from "../rpc/json-rpc.js";
import type { EvalScope, LoadConfig } from "../rpc/protocol.js";
import { type DelveClient } from "../rpc/rpc-client.js";
import { listed } from "./value-tree.js";

const namesOnly: LoadConfig = { ...listed, MaxVariableRecurse: 0, MaxStringLen: 0, MaxArrayValues: 0 };

/** The argument or local variable of a frame that was probably meant, or null. */
export async function nearestVariable(
  expression: string,
  scope: EvalScope,
  client: DelveClient,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const all = [
      ...(await client.listArguments(scope, namesOnly, signal)),
      ...(await client.listLocals(scope, namesOnly, signal)),
    ];
    return nearMiss(
      expression,
      all.map(({ name }) => name),
    );
  } catch (error) {
    // A frame without variables has no near ones either.
    if (error instanceof DelveError) return null;
    throw error;
  }
}
