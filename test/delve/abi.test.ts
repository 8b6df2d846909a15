import { expect, test } from "vitest";
import { assignResults } from "../../src/delve/values/abi.js";
import { reflectKind } from "../../src/delve/values/value-tree.js";

const assign = (...kinds: (keyof typeof reflectKind)[]) =>
  assignResults(kinds.map((kind) => ({ kind: reflectKind[kind], type: kind })));
const registers = (...names: string[]) => ({ registers: names });

test("results take registers in the order of Go's ABI, as many as their kind has words", () => {
  expect(assign("interface", "interface")).toEqual([registers("RAX", "RBX"), registers("RCX", "RDI")]);
  expect(assign("bool", "string", "slice", "pointer")).toEqual([
    registers("RAX"),
    registers("RBX", "RCX"),
    registers("RDI", "RSI", "R8"),
    registers("R9"),
  ]);
});

test("what does not fit goes to the stack, and what comes after it may still fit", () => {
  expect(assign("string", "string", "string", "string", "string", "int")).toEqual([
    registers("RAX", "RBX"),
    registers("RCX", "RDI"),
    registers("RSI", "R8"),
    registers("R9", "R10"),
    { why: "it is returned on the stack" },
    registers("R11"),
  ]);
});

test("a floating-point number takes none of these, a struct an unknown number of them", () => {
  expect(assign("float64", "int", "struct", "int")).toEqual([
    { why: "it is returned in a floating-point register" },
    registers("RAX"),
    { why: "which registers struct takes is not known" },
    { why: "which registers struct takes is not known" },
  ]);
});
