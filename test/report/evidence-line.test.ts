import { expect, test } from "vitest";
import type { ReportBlock } from "../../src/model/report-step.js";
import { lineOf } from "../../src/report/fold/evidence-line.js";

const output = (head: string): ReportBlock => ({
  anchor: "a",
  type: "output",
  title: "stdout",
  head,
  tail: "",
  omitted_bytes: 0,
  evidence: null,
});

test("of lines that show as many of the values, the one with the longest is taken", () => {
  const line = lineOf([404, "/healthz-of-the-server"], [output("404\nGET /healthz-of-the-server\n")]);
  expect(line).toMatchObject({ anchor: "a-L2", label: "stdout, line 2", text: "GET /healthz-of-the-server" });
});

test("of a long turn the part is shown in which the values stand that stand nowhere else in it", () => {
  const goroutine = (id: number, caller: string): string =>
    [`Goroutine ${id}`, ...Array.from({ length: 14 }, (_, at) => `  net.frame${at}`), `  created by ${caller}`].join(
      "\n",
    );
  const turn = {
    input: "goroutines",
    output: [goroutine(1, "main.first"), goroutine(2, "main.second"), goroutine(3, "main.third")].join("\n"),
  };
  const session: ReportBlock = { anchor: "s", type: "session", prompt: "(dlv) ", turns: [turn] };
  const server = { id: 2, stack: ["net.frame0", "net.frame7", "net.frame13"], created_by: "main.second" };
  const text = lineOf([server], [session])?.text ?? "";
  expect(text.split("\n").slice(0, 2)).toEqual(["…", "  created by main.second"]);
  expect(text.split("\n").length).toBeLessThanOrEqual(14);
});
