import { describe, expect, test } from "vitest";
import { ndjsonProgress } from "../../src/progress/ndjson.js";
import { plainProgress } from "../../src/progress/plain.js";
import { summary } from "../../src/progress/summary.js";
import { foldReport } from "../../src/report/fold.js";
import { JournalOf, memoryEvidence, rich, sampleCase, sampleKinds } from "../support/sample-events.js";

function lines(journal: Iterable<Parameters<ReturnType<typeof plainProgress>>[0]>, colour = false): readonly string[] {
  const written: string[] = [];
  const watch = plainProgress((text) => written.push(text), { colour });
  for (const event of journal) watch(event);
  for (const text of written) expect(text.endsWith("\n")).toBe(true);
  return written.map((text) => text.slice(0, -1));
}

describe("plain progress", () => {
  test("is a line for each change of state, indented as the steps are", () => {
    const written = lines(sampleCase().events);
    expect(written[0]).toBe("» Who opens the random local port? (20261123T231502Z-go-random-port)");
    expect(written).toContain(
      "△ upstream_issues failed, tolerated, 480 ms: expected exit code 0, found 4 – set GH_TOKEN, or run with --offline",
    );
    expect(written).toContain("→   listeners: What does it listen on?");
    expect(written).toContain("→     ask_again: Ask again");
    expect(written).toContain("!     changing: log level of http://127.0.0.1:10248 from 2 to 10");
    expect(written).toContain("✓     put back: read 2 afterwards, as before");
    expect(written).toContain("✓   process 5177 runs again after 180 ms");
    expect(written).toContain("?   by_main: unknown, main_function is null");
    expect(written).toContain("– later skipped: when: port_known");
    expect(written.at(-1)).toBe("· answered after 4.6 s");
    expect(written.join("")).not.toContain("\u001b");
  });

  test("colours marks alone, and only when asked to", () => {
    const written = lines(sampleCase().events, true);
    expect(written.some((line) => line.startsWith("\u001b[32m✓\u001b[0m "))).toBe(true);
  });

  test("lets nothing that the host said reach the terminal as it is", () => {
    const journal = new JournalOf();
    const of = journal.of("probe");
    journal.start(of, "run", { title: rich("Ask {}", "\u001b]0;owned\u0007\u202e") });
    journal.finish(of, "run", { outcome: "failed", reason: "found \u001b[2J\r\nnothing\u009b" });
    const written = lines(journal.events);
    expect(written).toEqual(["→ probe: Ask ␛]0;owned␇‹U+202E›", "✗ probe failed, 0 ms: found ␛[2J nothing‹U+009B›"]);
  });
});

test("NDJSON progress is the journal's lines", () => {
  const { events } = sampleCase();
  const written: string[] = [];
  const watch = ndjsonProgress((text) => written.push(text));
  for (const event of events) watch(event);
  expect(written).toEqual(events.map((event) => `${JSON.stringify(event)}\n`));
});

describe("the last lines of a run", () => {
  const paths = { folder: "reports/20261123T231502Z-x y", report: "reports/20261123T231502Z-x y/report.md" };

  test("are the verdict, the advice and the report's path", async () => {
    const { events, evidence } = sampleCase();
    const text = summary(await foldReport(events, sampleKinds, evidence), paths);
    expect(text.split("\n")).toEqual([
      "port_zero: `k8s.io/kubernetes/pkg/kubelet/cri/streaming.(*server).Start` asks for `127.0.0.1:0`, so the kernel picks a free port.",
      "advice: Nothing to fix; exclude it from the port audit.",
      "report: reports/20261123T231502Z-x y/report.md",
      "",
    ]);
  });

  test("say what failed, why, and what to do", async () => {
    const journal = new JournalOf();
    const of = journal.of("probe");
    journal.start(of, "run", { title: rich("Ask it") });
    journal.finish(of, "run", { outcome: "failed", reason: "no answer", remedy: "start it" });
    journal.add({ type: "run-finished", status: "failed", exit_code: 3, milliseconds: 1, redactions: {} });
    const text = summary(await foldReport(journal.events, sampleKinds, memoryEvidence()), paths);
    expect(text.split("\n").slice(0, 3)).toEqual([
      "failed at step probe (Ask it)",
      "why: no answer",
      "to do: start it",
    ]);
  });

  test("end with the command that puts back what is left, whatever else happened", async () => {
    const journal = new JournalOf();
    const of = journal.of("louder");
    journal.start(of, "log_level");
    journal.add({
      type: "change-announced",
      ...of,
      change: 1,
      kind: "log_level",
      what: "level from 2 to 10",
      undo: "PUT 2",
      token: null,
      host: "local",
      user: null,
    });
    journal.add({ type: "change-undone", ...of, change: 1, state: "cannot", how: "no answer" });
    journal.finish(of, "log_level", { outcome: "failed", reason: "could not be put back" });
    journal.add({ type: "run-finished", status: "not-restored", exit_code: 80, milliseconds: 1, redactions: {} });
    const text = summary(await foldReport(journal.events, sampleKinds, memoryEvidence()), paths);
    expect(text.trimEnd().split("\n").slice(-2)).toEqual([
      "NOT put back: level from 2 to 10 (no answer)",
      "casebook restore 'reports/20261123T231502Z-x y'",
    ]);
  });
});
