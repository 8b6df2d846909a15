import { expect, test } from "vitest";
import { Calls } from "../../../src/steps/catch/calls.js";

const call = (hit: number, owner: number, frame: number, name = "f") => ({ hit, owner, frame, function: name });

test("a return belongs to the call of its goroutine whose frame lies at the same place", () => {
  const calls = new Calls();
  calls.enter(call(1, 7, -100));
  calls.enter(call(2, 8, -100));
  calls.enter(call(3, 7, -200));
  expect(calls.leave(7, "f", -200)?.hit).toBe(3);
  expect(calls.leave(7, "f", -100)?.hit).toBe(1);
  expect(calls.leave(8, "f", -100)?.hit).toBe(2);
  expect(calls.size).toBe(0);
});

test("the return of a call that was entered before is nobody's", () => {
  const calls = new Calls();
  calls.enter(call(1, 7, -200));
  expect(calls.leave(9, "f", -200)).toBeNull();
  expect(calls.leave(7, "g", -200)).toBeNull();
  expect(calls.leave(7, "f", -200)?.hit).toBe(1);
  expect(calls.leave(7, "f", -100)).toBeNull();
});

test("a call that a panic ended is given up when its place is used again or a call around it returns", () => {
  const calls = new Calls();
  calls.enter(call(1, 7, -100));
  calls.enter(call(2, 7, -200));
  calls.enter(call(3, 7, -300));
  calls.enter(call(4, 7, -200));
  expect(calls.size).toBe(2);
  expect(calls.leave(7, "f", -100)?.hit).toBe(1);
  expect(calls.size).toBe(0);
});

test("calls of different functions in each other return in turn", () => {
  const calls = new Calls();
  calls.enter(call(1, 7, -100, "outer"));
  calls.enter(call(2, 7, -200, "inner"));
  expect(calls.leave(7, "inner", -200)?.hit).toBe(2);
  expect(calls.leave(7, "outer", -100)?.hit).toBe(1);
});
