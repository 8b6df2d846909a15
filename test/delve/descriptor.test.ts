import { expect, test } from "vitest";
import { descriptorIn, mayHoldSocket } from "../../src/delve/values/descriptor.js";
import type { ValueTree } from "../../src/delve/values/value-tree.js";

const number = (value: number): ValueTree => ({ kind: "number", type: "int", text: String(value), name: null });
const struct = (type: string, fields: Readonly<Record<string, ValueTree>>): ValueTree => ({
  kind: "struct",
  type,
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const to = (tree: ValueTree): ValueTree => ({ kind: "pointer", type: `*${tree.type}`, address: "0xc000", to: tree });
const holding = (type: string, holds: ValueTree): ValueTree => ({ kind: "interface", type, holds });
const address = holding("net.Addr", to(struct("net.TCPAddr", { Port: number(8080) })));
const listener = (fd: number): ValueTree =>
  to(
    struct("net.TCPListener", {
      fd: to(struct("net.netFD", { pfd: struct("internal/poll.FD", { Sysfd: number(fd) }), laddr: address })),
    }),
  );

test("the descriptor is found in a listener, and in one that is wrapped", () => {
  expect(descriptorIn(holding("net.Listener", listener(7)))).toEqual({ fd: 7, port: 8080 });
  const wrapped = to(struct("inner.Counting", { Listener: holding("net.Listener", listener(8)), Count: number(3) }));
  expect(descriptorIn(holding("net.Listener", wrapped))).toEqual({ fd: 8, port: 8080 });
});

test("several descriptors as deep as each other are none, one that lies less deep is it", () => {
  expect(descriptorIn(struct("main.pair", { a: listener(7), b: listener(8) }))).toBe("it holds 2 descriptors: 7, 8");
  expect(descriptorIn(struct("main.pair", { a: listener(7), b: struct("main.deep", { c: listener(8) }) }))).toEqual({
    fd: 7,
    port: 8080,
  });
});

test("a descriptor whose program names no port has none", () => {
  expect(descriptorIn(struct("main.raw", { pfd: struct("internal/poll.FD", { Sysfd: number(5) }) }))).toEqual({
    fd: 5,
    port: null,
  });
});

test("a value without a descriptor has none", () => {
  expect(descriptorIn({ kind: "nil", type: "net.Listener" })).toBeNull();
  expect(descriptorIn(struct("main.T", { Sysfd: number(3) }))).toBeNull();
});

test.each([
  ["net.Listener", true],
  ["*net.TCPConn", true],
  ["net.PacketConn", true],
  ["*crypto/tls.Conn", true],
  ["*example.org/quic.Listener", true],
  ["net.Addr", false],
  ["net.IP", false],
  ["error", false],
  ["*main.Connection", false],
  ["string", false],
])("whether %s may hold a socket: %s", (type, expected) => {
  expect(mayHoldSocket(type)).toBe(expected);
});
