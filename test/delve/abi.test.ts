import { expect, test } from "vitest";
import { assignResults, type Place } from "../../src/delve/values/abi.js";
import type { Shape } from "../../src/delve/values/shape.js";
import { reflectKind } from "../../src/delve/values/value-tree.js";

type Kind = keyof typeof reflectKind;

const leaf = (kind: Kind): Shape => ({ kind: "leaf", type: kind, reflect: reflectKind[kind], of: null });
const struct = (...fields: readonly Shape[]): Shape => ({
  kind: "struct",
  type: "main.T",
  fields: fields.map((shape, index) => ({ name: `F${index}`, shape })),
});
const array = (length: number, element: Shape | null): Shape => ({ kind: "array", type: "main.A", length, element });

/** The registers alone, in the structure of the type; a text where there are none. */
type Registers = string | readonly Registers[];

function registers(place: Place): Registers {
  switch (place.kind) {
    case "registers":
      return place.registers.join(" ");
    case "struct":
      return place.fields.map((field) => registers(field.place));
    case "array":
      return place.items.map(registers);
    case "elsewhere":
      return place.why;
    default:
      return place satisfies never;
  }
}

const assign = (...shapes: readonly Shape[]): readonly Registers[] => assignResults(shapes).map(registers);

test("results take registers in the order of Go's ABI, as many as their kind has words", () => {
  expect(assign(leaf("interface"), leaf("interface"))).toEqual(["RAX RBX", "RCX RDI"]);
  expect(assign(leaf("bool"), leaf("string"), leaf("slice"), leaf("pointer"))).toEqual([
    "RAX",
    "RBX RCX",
    "RDI RSI R8",
    "R9",
  ]);
});

test("what does not fit goes to the stack, and what comes after it may still fit", () => {
  const text = leaf("string");
  expect(assign(text, text, text, text, text, leaf("int"))).toEqual([
    "RAX RBX",
    "RCX RDI",
    "RSI R8",
    "R9 R10",
    "it is returned on the stack",
    "R11",
  ]);
});

test("floating-point numbers have registers of their own, of which a complex number takes two", () => {
  expect(assign(leaf("float64"), leaf("int"), leaf("complex64"), leaf("float32"))).toEqual([
    "XMM0",
    "RAX",
    "XMM1 XMM2",
    "XMM3",
  ]);
});

test("a struct is taken apart, and none of its parts is in a register unless all are", () => {
  const inner = struct(leaf("int"), leaf("float64"));
  expect(assign(struct(leaf("string"), inner), leaf("int"))).toEqual([["RAX RBX", ["RCX", "XMM0"]], "RDI"]);
  const wide = struct(...Array.from({ length: 9 }, () => leaf("int")));
  expect(assign(leaf("float64"), leaf("int"), wide, leaf("float64"), leaf("int"))).toEqual([
    "XMM0",
    "RAX",
    "it is returned on the stack",
    "XMM1",
    "RBX",
  ]);
  expect(assign(struct(), leaf("int"))).toEqual([[], "RAX"]);
});

test("an array of one element is that element, a longer one is in memory", () => {
  const point = struct(leaf("int"), leaf("int"));
  expect(assign(array(1, point), array(0, null), array(2, null), leaf("int"))).toEqual([
    [["RAX", "RBX"]],
    [],
    "it is returned on the stack",
    "RCX",
  ]);
});

test("after a type that is not known nothing is", () => {
  const unknown: Shape = { kind: "unknown", type: "struct { A int }" };
  const why = "which registers struct { A int } takes is not known";
  expect(assign(leaf("int"), struct(unknown), leaf("int"))).toEqual(["RAX", why, why]);
});
