/**
 * Why a part of an expression has no value. As in cel-go, unknowns and errors are values that operators pass on, so
 * that `&&` and `||` can decide without them.
 */
export type Stop = Unknown | Failure;

/** Cannot be told, because of a null or of a text that was cut. */
export class Unknown {
  constructor(readonly because: string) {}
}

/** Cannot be evaluated: the step fails with this sentence. */
export class Failure {
  constructor(readonly message: string) {}
}

export const isStop = (value: unknown): value is Stop => value instanceof Unknown || value instanceof Failure;

/** Which of two to report: what is wrong goes before what is not known. */
export const worse = (left: Stop | null, right: Stop | null): Stop | null =>
  left === null || (left instanceof Unknown && right instanceof Failure) ? right : left;
