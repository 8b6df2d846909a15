import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Event } from "../../src/model/event.js";
import type { ReportStep } from "../../src/model/report-step.js";
import { plain } from "../../src/model/rich-text.js";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { renderMarkdown } from "../../src/report/markdown/render.js";
import { JournalOf, memoryEvidence, rich, sampleCase, sampleKinds } from "../support/sample-events.js";

const sample = async () => {
  const { events, evidence } = sampleCase();
  return foldReport(events, sampleKinds, evidence);
};

const byKey = (steps: readonly ReportStep[], key: string): ReportStep => {
  const found = flat(steps).find((step) => step.key === key);
  if (found === undefined) throw new Error(`no step ${key}`);
  return found;
};

const flat = (steps: readonly ReportStep[]): readonly ReportStep[] =>
  steps.flatMap((step) => [step, ...flat(step.rounds), ...flat(step.during)]);

/** The first event of the sample, as the beginning of another journal. */
const beginning = (steps: readonly string[] = []): JournalOf => {
  const [first] = sampleCase().events;
  if (first?.type !== "run-started") throw new Error("a sample begins with its run");
  const { seq: _seq, at: _at, prev: _prev, ...body } = first;
  const outlined = steps.map((step, index) => ({
    step,
    kind: "run",
    ordinal: index + 1,
    title: "",
    depth: 0,
    line: 1,
  }));
  return new JournalOf().add({ ...body, runbook: { ...body.runbook, hypotheses: [], steps: outlined } });
};

describe("the report of a finished run", () => {
  test("keeps the structure of rounds, attempts and steps inside of instruments", async () => {
    const { steps } = await sample();
    expect(steps.map(({ key }) => key)).toEqual([
      "note-1",
      "upstream_issues",
      "program",
      "by_hand",
      "opened",
      "listens",
      "every_port",
      "later",
    ]);
    expect(byKey(steps, "program").during.map(({ key, number }) => `${number} ${key}`)).toEqual([
      "3.1 listeners",
      "3.2 probe",
      "3.3 louder",
    ]);
    expect(byKey(steps, "every_port").rounds.map(({ anchor, item }) => [anchor, item])).toEqual([
      ["step-every_port-round-1", 10248],
      ["step-every_port-round-2", 10250],
    ]);
    expect(byKey(steps, "probe").attempts.map(({ outcome }) => outcome)).toEqual(["failed", "ok"]);
  });

  test("gives every place an anchor of its own", async () => {
    const { steps } = await sample();
    const anchors = flat(steps).flatMap((step) => [
      step.anchor,
      ...step.blocks.map(({ anchor }) => anchor),
      ...step.expectations.map(({ anchor }) => anchor),
    ]);
    expect(new Set(anchors).size).toBe(anchors.length);
    expect(anchors).toContain("step-listens-expect-asks_for_zero");
  });

  test("says where each hypothesis stands, by the expectations that hold", async () => {
    const { hypotheses } = await sample();
    expect(hypotheses.map(({ name, standing }) => [name, standing])).toEqual([
      ["reported", "open"],
      ["main_server", "refuted"],
      ["port_zero", "supported"],
    ]);
    expect(hypotheses[1]?.without_weight.map(({ expectation }) => expectation)).toEqual(["by_main"]);
  });

  test("leads from the verdict to the captured line that shows the values", async () => {
    const { verdict } = await sample();
    expect(verdict?.rests_on.map(({ line }) => [line?.label, line?.anchor])).toEqual([
      ["goroutine 74, frame 2", "step-listens-goroutine-74-F2"],
      ["sockets, row 3", "step-listeners-sockets-R3"],
    ]);
  });

  test("tells what was changed, how its undoing was checked, and who stood still for how long", async () => {
    const { host_state: host } = await sample();
    expect(host.state).toBe("restored");
    expect(host.restore).toBeNull();
    expect(host.changes.map(({ state, how }) => `${state}: ${how}`)).toEqual([
      "undone: the process has ended: SIGTERM",
      "undone: read 2 afterwards, as before",
    ]);
    expect(host.stopped).toMatchObject([{ pid: 5177, times: 2, milliseconds: 600, unended: false }]);
    expect(host.stopped[0]?.steps.map(({ step }) => step)).toEqual(["by_hand"]);
  });

  test("lists what was not examined, the author's and its own", async () => {
    const { not_examined } = await sample();
    expect(not_examined.author).toEqual(["UDP listeners", "IPv6"]);
    expect(not_examined.automatic.map(({ why, what }) => `${why}: ${plain(what)}`)).toEqual([
      "failed: Has somebody asked before?",
      "unknown: Every hit, none lost",
      "skipped: What was not needed any more",
    ]);
  });

  test("names each round that was not examined, and its step only for what it failed by itself", async () => {
    const journal = new JournalOf();
    const all = journal.of("each");
    journal.start(all, "run");
    for (const iteration of [1, 2, 3]) {
      const round = journal.of("each", all, iteration);
      journal.start(round, "run").finish(round, "run", {
        ...(iteration === 2 ? { outcome: "failed", tolerated: true, reason: "expected exit code 0, found 1" } : {}),
      });
    }
    journal.finish(all, "run", {
      outcome: "failed",
      tolerated: true,
      reason: "round 2: expected exit code 0, found 1",
    });
    const { not_examined } = await foldReport(journal.events, sampleKinds, memoryEvidence());
    expect(not_examined.automatic.filter(({ why }) => why === "failed")).toMatchObject([
      { iteration: 2, reason: "expected exit code 0, found 1", anchor: "step-each-round-2" },
    ]);
  });

  test("names the examined binary with its hash, and the hash of the journal's last line", async () => {
    const { events } = sampleCase();
    const { environment, integrity } = await sample();
    expect(environment.binaries).toMatchObject([{ path: "/usr/bin/kubelet", step: "program" }]);
    const line = JSON.stringify(events.at(-1));
    expect(integrity).toMatchObject({
      events: events.length,
      journal_head: createHash("sha256").update(line).digest("hex"),
    });
  });

  test("gives a command as one would type it, with its directory and its variables", async () => {
    const { steps } = await sample();
    expect(byKey(steps, "every_port").rounds[0]?.commands[0]?.text).toBe(
      'cd /tmp\nexport item=10248\nss -Hltnp "sport = :$item"',
    );
  });

  test("shows what was captured of a step that has no result", async () => {
    const { steps } = await sample();
    expect(byKey(steps, "upstream_issues").blocks).toMatchObject([
      { type: "output", title: "stderr", omitted_bytes: 0 },
    ]);
  });
});

describe("the report of a run that did not end well", () => {
  test("renders from a journal that was cut behind any event", async () => {
    const { events, evidence } = sampleCase();
    for (let length = 0; length < events.length; length++) {
      const report = await foldReport(events.slice(0, length), sampleKinds, evidence);
      expect(report.status).toBe("incomplete");
      if (length % 4 !== 0) continue;
      expect(renderMarkdown(report)).toContain("incomplete");
      expect(renderHtml(report)).toContain("</html>");
    }
  });

  test("says which step was running, and how to put back what was changed", async () => {
    const { events, evidence } = sampleCase();
    const cut = events.findIndex((event) => event.type === "step-opened" && event.step === "louder");
    const report = await foldReport(events.slice(0, cut + 1), sampleKinds, evidence);
    expect(report.ended_by?.step).toBe("louder");
    expect(report.host_state).toMatchObject({
      state: "changed",
      restore: "casebook restore 20261123T231502Z-go-random-port",
    });
    expect(report.host_state.changes.map(({ state }) => state)).toEqual(["pending", "pending"]);
    expect(byKey(report.steps, "program").status).toBe("cut-off");
    expect(byKey(report.steps, "listens").status).toBe("not-reached");
    expect(renderMarkdown(report)).toContain("casebook restore 20261123T231502Z-go-random-port");
  });

  test("counts a change as put back when a restore has done it later", async () => {
    const journal = beginning();
    const of = journal.of("louder");
    journal.start(of, "log_level");
    journal.add({
      type: "change-announced",
      ...of,
      change: 1,
      kind: "log_level",
      what: "level",
      undo: "PUT 2",
      token: null,
      host: "local",
      user: null,
    });
    journal.add({ type: "change-undone", ...of, change: 1, state: "cannot", how: "no answer" });
    const before = await foldReport(journal.events, sampleKinds, memoryEvidence());
    expect(before.host_state.state).toBe("changed");
    journal.add({ type: "change-undone", ...of, change: 1, state: "undone", how: "read 2 afterwards" });
    const after = await foldReport(journal.events, sampleKinds, memoryEvidence());
    expect(after.host_state.state).toBe("restored");
  });

  test("names the innermost step that failed", async () => {
    const journal = beginning();
    const outer = journal.of("outer");
    journal.start(outer, "start");
    const tolerated = journal.of("tolerated", outer);
    journal.start(tolerated, "run").finish(tolerated, "run", { outcome: "failed", tolerated: true, reason: "no" });
    const inner = journal.of("inner", outer);
    journal
      .start(inner, "run")
      .finish(inner, "run", { outcome: "failed", reason: "expected 0, found 1", remedy: "look" });
    journal.finish(outer, "start", { outcome: "failed", reason: "inner failed: expected 0, found 1" });
    journal.add({ type: "run-finished", status: "failed", exit_code: 3, milliseconds: 1, redactions: {} });
    const report = await foldReport(journal.events, sampleKinds, memoryEvidence());
    expect(report.ended_by).toMatchObject({ step: "inner", remedy: "look" });
  });
});

describe("the fold is tolerant", () => {
  test("leaves events alone that it does not know", async () => {
    const { events, evidence } = sampleCase();
    const strange = { type: "weather", seq: 2, at: "2026-11-23T23:15:02.001Z", prev: "" } as unknown as Event; // a type of a later version
    const known = await foldReport(events, sampleKinds, evidence);
    const both = await foldReport([...events.slice(0, 1), strange, ...events.slice(1)], sampleKinds, evidence);
    expect(both.steps).toEqual(known.steps);
  });

  test("shows the fields of a result whose kind it does not know, or whose view fails", async () => {
    const journal = beginning();
    for (const kind of ["unknown-kind", "broken"]) {
      const of = journal.of(kind);
      journal.start(of, kind).finish(of, kind, { result: { answer: "<42>", list: [1, 2] } });
    }
    const { steps } = await foldReport(journal.events, sampleKinds, memoryEvidence());
    const facts = {
      type: "facts",
      facts: [
        { label: "answer", value: "<42>" },
        { label: "list", value: "[1,2]" },
      ],
    };
    expect(byKey(steps, "unknown-kind").blocks).toMatchObject([facts]);
    expect(byKey(steps, "broken").blocks).toMatchObject([
      { type: "text", text: expect.stringContaining("no such column") },
      facts,
    ]);
  });

  test("reads back a result that was moved to the evidence, and says when it cannot", async () => {
    const journal = beginning();
    const evidence = memoryEvidence();
    const ref = evidence.add("evidence/01-big.result.json", JSON.stringify({ stdout: "from the evidence" }));
    const gone = { ...ref, path: "evidence/gone.json" };
    const cut = { truncated: true, head: "first\n", tail: "last\n", omitted_bytes: 1_000_000 };
    for (const [step, result] of [
      ["big", { evidence: { ...ref } }],
      ["gone", { evidence: gone }],
      ["cut", { stdout: cut }],
    ] as const) {
      const of = journal.of(step);
      journal.start(of, "run").finish(of, "run", { result });
    }
    const { steps } = await foldReport(journal.events, sampleKinds, evidence);
    expect(byKey(steps, "big").blocks).toMatchObject([{ type: "output", head: "from the evidence" }]);
    expect(byKey(steps, "gone").blocks).toMatchObject([
      { type: "text", text: expect.stringContaining("evidence/gone.json") },
    ]);
    expect(byKey(steps, "cut").blocks).toMatchObject([{ head: "first\n", tail: "last\n", omitted_bytes: 1_000_000 }]);
  });

  test("takes events as they come, too", async () => {
    const { events, evidence } = sampleCase();
    async function* stream() {
      yield* events;
    }
    expect(await foldReport(stream(), sampleKinds, evidence)).toEqual(await foldReport(events, sampleKinds, evidence));
  });

  test("keeps a huge output bounded, with what was left out counted", async () => {
    const journal = beginning();
    const of = journal.of("long");
    const stdout = "0123456789\n".repeat(50_000);
    journal.start(of, "run", { title: rich("Long") }).finish(of, "run", { result: { stdout } });
    const { steps } = await foldReport(journal.events, sampleKinds, memoryEvidence());
    const [block] = byKey(steps, "long").blocks;
    if (block?.type !== "output") throw new Error("an output was expected");
    expect(block.head.length + block.tail.length + block.omitted_bytes).toBe(stdout.length);
    expect(block.head.length + block.tail.length).toBeLessThan(100_000);
    expect(block.head.endsWith("\n")).toBe(true);
    expect(block.tail.startsWith("0123456789\n")).toBe(true);
  });
});
