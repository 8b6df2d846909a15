import * as z from "zod";
import { StepFailure } from "../../model/step-kind.js";
import { ConnectionLost, DelveError, UnexpectedReply } from "./json-rpc.js";

/** What Delve's refusal means for a step. Gives back anything else as it is. */
export function asFailure(error: unknown, doing: string): unknown {
  if (error instanceof DelveError) return new StepFailure(`${doing}: ${error.message}`, { cause: error });
  if (error instanceof ConnectionLost && error.cause instanceof UnexpectedReply) {
    return unexpected(doing, error.cause.message, error);
  }
  if (error instanceof ConnectionLost) {
    return new StepFailure(`${doing}: Delve closed the connection, so the debugging session is over`, { cause: error });
  }
  if (isLate(error)) {
    return new StepFailure(`${doing}: Delve gave no answer in time`, { cause: error });
  }
  if (error instanceof z.ZodError) {
    const [{ path = [], message = "" } = {}] = error.issues;
    return unexpected(doing, `expected an answer of Delve's, found another (${path.join(".")}: ${message})`, error);
  }
  return error;
}

const unexpected = (doing: string, what: string, cause: unknown): StepFailure =>
  new StepFailure(`${doing}: ${what}`, {
    remedy: "casebook works with Delve 1.20 and newer; if something else answers there, name Delve or its address",
    cause,
  });

/** Whether a deadline of a call's own was over (`AbortSignal.timeout`), which is not the end of the step's time. */
export const isLate = (error: unknown): boolean => error instanceof DOMException && error.name === "TimeoutError";
