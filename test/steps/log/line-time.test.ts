import { describe, expect, it } from "vitest";
import { journalEntry, lineTime } from "../../../src/steps/log/line-time.js";

/** A host in Berlin, at New Year. */
const clock = { now: new Date("2026-01-01T10:00:00Z"), offsetMinutes: 60 };

const at = (line: string): string | null => lineTime(line, clock)?.at.toISOString() ?? null;

describe("the time in front of a line", () => {
  it.each([
    ["I0101 10:59:58.123456   4711 server.go:12] Started", "2026-01-01T09:59:58.123Z"],
    ["E1231 23:36:12.000001       1 main.go:1] last year", "2025-12-31T22:36:12.000Z"],
    ["Dec 31 23:36:12 host sshd[1]: Accepted", "2025-12-31T22:36:12.000Z"],
    ["<34>Jan  1 01:02:03 host su: failed", "2026-01-01T00:02:03.000Z"],
    ["<165>1 2025-10-11T22:14:15.003Z host app - ID47 - text", "2025-10-11T22:14:15.003Z"],
    ["2025-10-11T22:14:15.123456789+02:00 text", "2025-10-11T20:14:15.123Z"],
    ["2025-10-11T22:14:15.5Z stdout F text", "2025-10-11T22:14:15.500Z"],
    ["2025-10-11 22:14:15,042 INFO python", "2025-10-11T21:14:15.042Z"],
    ["2025/10/11 22:14:15 [error] 7#7: *1 nginx", "2025-10-11T21:14:15.000Z"],
    ["[2025-10-11 22:14:15.1 +0000] bracket", "2025-10-11T22:14:15.100Z"],
    ['time="2025-10-11T22:14:15Z" level=info msg=logrus', "2025-10-11T22:14:15.000Z"],
    ["time=2025-10-11T22:14:15.250+05:30 level=INFO msg=slog", "2025-10-11T16:44:15.250Z"],
    ["4711:M 11 Oct 2025 22:14:15.123 * Ready to accept connections", "2025-10-11T21:14:15.123Z"],
    ['127.0.0.1 - - [11/Oct/2025:22:14:15 -0700] "GET / HTTP/1.1" 200', "2025-10-12T05:14:15.000Z"],
    ['{"level":"debug","ts":1760220855.25,"msg":"zap"}', "2025-10-11T22:14:15.250Z"],
    ['{"time":"2025-10-11T22:14:15Z","msg":"slog"}', "2025-10-11T22:14:15.000Z"],
    ['{"time":1760220855250,"msg":"pino"}', "2025-10-11T22:14:15.250Z"],
  ])("is read from %s", (line, expected) => {
    expect(at(line)).toBe(expected);
  });

  it.each([
    "",
    "goroutine 1 [running]:",
    "\tat main.go:12",
    "{broken",
    '{"ts":3}',
    "I1341 10:59:58.1 1 x] y",
    "port 10:20",
  ])("is null in %j", (line) => {
    expect(at(line)).toBeNull();
  });
});

describe("an entry of the journal", () => {
  it("has its message, also as bytes or several times, and its time", () => {
    const entry = (message: unknown) =>
      journalEntry(JSON.stringify({ MESSAGE: message, __REALTIME_TIMESTAMP: "1760220855250001" }));
    expect(entry("plain")).toEqual({ text: "plain", at: new Date(1760220855250) });
    expect(entry([104, 195, 182, 27]).text).toBe("hö\u001b");
    expect(entry(["one", "two"]).text).toBe("one\ntwo");
    expect(entry(null).text).toBe("");
  });
});
