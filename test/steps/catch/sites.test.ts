import { expect, test } from "vitest";
import type { Breakpoint } from "../../../src/delve/rpc/protocol.js";
import type { DelveSession } from "../../../src/delve/session/session.js";
import { catchKind } from "../../../src/steps/catch/index.js";
import { Sites } from "../../../src/steps/catch/sites.js";
import { type CatchResult, spec } from "../../../src/steps/catch/spec.js";

const breakpoint = (id: number, totalHitCount: number): Breakpoint => ({
  id,
  name: "",
  addrs: [],
  file: "",
  line: 0,
  functionName: "net.Listen",
  Cond: "",
  totalHitCount,
  hitCount: null,
});

/** A Delve that has counted more hits when the breakpoint is removed than it has shown. */
function counting(inTheEnd: number): DelveSession {
  const client = {
    findLocation: async () => [{ pc: "1", pcs: ["1"], file: "", line: 1, function: { name: "net.Listen" } }],
    createBreakpoint: async () => breakpoint(1, 0),
    clearBreakpoint: async () => breakpoint(1, inTheEnd),
  };
  return { client, stacks: { stopsFor: async () => ["1"] } } as unknown as DelveSession; // nothing else of it is used
}

async function watched(inTheEnd: number): Promise<Sites> {
  const sites = new Sites(counting(inTheEnd), { at: ["net.Listen"], where: undefined, read: [], stack: 1 });
  await sites.watchEntries(AbortSignal.timeout(30_000));
  return sites;
}

test("hits that Delve has counted and no reply has shown are lost", async () => {
  const sites = await watched(5);
  sites.hit(breakpoint(1, 1));
  expect(sites.lost).toBe(0);
  sites.hit(breakpoint(1, 3));
  expect(sites.lost).toBe(1);
  await sites.clear(null, AbortSignal.timeout(30_000));
  expect(sites.lost).toBe(3);
});

test("when every hit was seen none is lost, whatever order the threads of a reply have", async () => {
  const sites = await watched(4);
  for (const count of [2, 2, 4, 4]) sites.hit(breakpoint(1, count));
  await sites.clear(null, AbortSignal.timeout(30_000));
  expect(sites.lost).toBe(0);
});

test("a breakpoint of somebody else is none of ours", async () => {
  expect((await watched(0)).hit(breakpoint(9, 1))).toBeNull();
});

test("a lost hit fails the step, which keeps what was caught", () => {
  const result: CatchResult = { hits: [], count: 7, not_returned: 0, lost: 2, ended_by: "for", truncated: false };
  const written = spec.parse({ at: ["net.Listen"], for: "1s" });
  expect(catchKind.failure?.(written, result)).toBe(
    "2 hits were counted by Delve and not seen: what was caught is incomplete",
  );
  expect(catchKind.failure?.(written, { ...result, lost: 0 })).toBeNull();
});
