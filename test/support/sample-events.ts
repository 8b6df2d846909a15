import { createHash } from "node:crypto";
import * as z from "zod";
import type { Event, EventBody } from "../../src/model/event.js";
import type { EvidenceReader, EvidenceRef } from "../../src/model/evidence.js";
import type { Json, JsonObject } from "../../src/model/json.js";
import { text } from "../../src/model/result-fields.js";
import { placeholder, type RichText } from "../../src/model/rich-text.js";
import type { OfStep, StepFinished, StepStarted } from "../../src/model/step-event.js";
import type { AnyStepKind, LoadKinds, StepKind, StepKinds } from "../../src/model/step-kind.js";
import { CutText, type ValueObject } from "../../src/model/value.js";

/** An author's text; each `{}` takes the next value. */
export function rich(markdown: string, ...values: readonly string[]): RichText {
  let index = 0;
  return { markdown: markdown.replace(/\{\}/g, () => placeholder(index++)), values };
}

/** Evidence in memory. */
export interface MemoryEvidence extends EvidenceReader {
  add(path: string, content: string): EvidenceRef;
}

export function memoryEvidence(): MemoryEvidence {
  const files = new Map<string, Buffer>();
  const file = (path: string): Buffer => {
    const found = files.get(path);
    if (found === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT" });
    return found;
  };
  return {
    add(path, content) {
      const bytes = Buffer.from(content);
      files.set(path, bytes);
      return { path, sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length, truncated: false };
    },
    head: async (path, limit) => file(path).subarray(0, limit),
    tail: async (path, limit) => file(path).subarray(Math.max(0, file(path).length - limit)),
    async *stream(path) {
      yield file(path);
    },
  };
}

/** Writes a journal's events: chained, a given number of milliseconds apart. */
export class JournalOf {
  readonly events: Event[] = [];
  #time: number;
  #head = "0".repeat(64);
  #spans = 0;

  constructor(start = "2026-11-23T23:15:02.000Z") {
    this.#time = Date.parse(start);
  }

  get now(): string {
    return new Date(this.#time).toISOString();
  }

  wait(milliseconds: number): this {
    this.#time += milliseconds;
    return this;
  }

  add(body: EventBody): this {
    const event = { seq: this.events.length + 1, at: this.now, ...body, prev: this.#head } as Event; // the spread of a union keeps its members
    this.#head = createHash("sha256").update(JSON.stringify(event)).digest("hex");
    this.events.push(event);
    return this;
  }

  of(step: string, parent: OfStep | null = null, iteration: number | null = null): OfStep {
    return { step, span: `s${++this.#spans}`, parent: parent?.span ?? null, iteration, attempt: 1 };
  }

  start(of: OfStep, kind: string, more: Partial<StepStarted> = {}): this {
    const base = { title: null, note: null, risk: "observe", risk_declared: false, spec: {} } as const;
    return this.add({ type: "step-started", ...of, kind, ...base, ...more });
  }

  finish(of: OfStep, kind: string, more: Partial<StepFinished> = {}): this {
    const started = this.events.find((event) => event.type === "step-started" && event.span === of.span);
    const base = {
      outcome: "ok",
      reason: null,
      remedy: null,
      tolerated: false,
      started_at: started?.at ?? this.now,
      finished_at: this.now,
      milliseconds: this.#time - Date.parse(started?.at ?? this.now),
      observation: null,
      result: null,
      saved: {},
    } as const;
    return this.add({ type: "step-finished", ...of, kind, ...base, ...more });
  }
}

function kind(name: string, view: (spec: Json, result: ValueObject) => ReturnType<AnyStepKind["view"]>): AnyStepKind {
  const made: StepKind<unknown, unknown, ValueObject> = {
    name,
    doc: name,
    example: name,
    spec: z.unknown(),
    result: z.looseObject({ stdout: text().optional() }) as unknown as z.ZodType<ValueObject>, // a test's kind takes any result
    outline: () => ({ risk: "observe", tools: [], commands: [], changes: [] }),
    read: async () => ({}),
    view: (spec, result) => view(spec as Json, result), // specs are JSON here
  };
  return made;
}

const kinds: StepKinds = new Map(
  [
    kind("run", (_, { stdout }) => {
      if (stdout instanceof CutText) {
        const { head, tail, omittedBytes } = stdout;
        return [{ type: "output", title: "stdout", head, tail, omittedBytes, evidence: null }];
      }
      return [{ type: "output", title: "stdout", head: String(stdout), tail: "", omittedBytes: 0, evidence: null }];
    }),
    kind("http", (_, { status, body }) => [
      { type: "facts", facts: [{ label: "status", value: String(status) }] },
      { type: "output", title: "body", head: String(body), tail: "", omittedBytes: 0, evidence: null },
    ]),
    kind("sockets", (_, { sockets }) => [
      {
        type: "table",
        title: "sockets",
        columns: ["protocol", "state", "address", "port", "process", "pid"],
        rows: (sockets as readonly ValueObject[]).map((socket) => Object.values(socket).map(String)), // rows of a sample are objects
      },
    ]),
    kind("diff", (_, { text }) => [{ type: "diff", text: String(text) }]),
    kind("debug", (_, { turns }) => [
      { type: "session", prompt: "(dlv) ", turns: turns as unknown as readonly { input: string; output: string }[] }, // as the sample writes them
    ]),
    kind("catch", (_, { frames }) => [
      {
        type: "stack",
        title: "goroutine 74",
        frames: frames as unknown as readonly { function: string; file: string; line: number; marked?: boolean }[],
      }, // as the sample writes them
    ]),
    kind("log_level", (_, { before, during, after }) => [
      {
        type: "facts",
        facts: [
          { label: "before", value: String(before) },
          { label: "during", value: String(during) },
          { label: "after", value: String(after) },
        ],
      },
    ]),
    kind("start", (_, { pid }) => [{ type: "facts", facts: [{ label: "pid", value: String(pid) }] }]),
    kind("broken", () => {
      throw new Error("no such column");
    }),
  ].map((each) => [each.name, each]),
);

/** Kinds that show what reports have to show, without what real ones need to run. */
export const sampleKinds: LoadKinds = async () => kinds;

/** A case with everything that a report shows: an instrument, a change, a stopped process, rounds, attempts, a verdict. */
export function sampleCase(): { readonly events: readonly Event[]; readonly evidence: MemoryEvidence } {
  const journal = new JournalOf();
  const evidence = memoryEvidence();
  const outline = (step: string, kind: string, ordinal: number, title: string, depth = 0) => ({
    step,
    kind,
    ordinal,
    title,
    depth,
    line: ordinal * 8,
  });
  journal.add({
    type: "run-started",
    format: 1,
    casebook: "0.1.0",
    case: "20261123T231502Z-go-random-port",
    runbook: {
      file: "runbooks/go-random-port.yaml",
      sha256: `${"c0ffee".repeat(10)}abcd`,
      title: rich("Who opens the random local port?"),
      question: rich(
        "`{}` listens on a TCP port of 127.0.0.1 whose number changes at every start.\nWhich code opens it, and **what for**?",
        "kubelet",
      ),
      hypotheses: [
        { name: "reported", text: rich("Somebody upstream has met it already.") },
        { name: "main_server", text: rich("One of the program's own documented servers answers there.") },
        { name: "port_zero", text: rich("Some code listens on port 0, so the kernel picks the number.") },
      ],
      not_examined: ["UDP listeners", "IPv6"],
      steps: [
        outline("note-1", "note", 1, ""),
        outline("upstream_issues", "run", 2, "Has somebody asked before?"),
        outline("program", "start", 3, "Look at ‹process› from outside"),
        outline("listeners", "sockets", 4, "What does it listen on?", 1),
        outline("probe", "http", 5, "What answers?", 1),
        outline("louder", "log_level", 6, "Is a request logged when the log is turned up?", 1),
        outline("ask_again", "http", 7, "Ask again", 2),
        outline("by_hand", "debug", 8, "Stop at net.Listen while the program starts"),
        outline("opened", "diff", 9, "Which sockets does one step out of net.Listen add?"),
        outline("listens", "catch", 10, "Every hit, none lost"),
        outline("every_port", "run", 11, "Look at each known port"),
        outline("later", "run", 12, "What was not needed any more"),
      ],
    },
    inputs: { process: "kubelet", known_ports: [10248, 10250], token: "[masked:token]" },
    secrets: ["token"],
    allow: "perturb",
    invocation: [
      "casebook",
      "run",
      "runbooks/go-random-port.yaml",
      "-i",
      'command=["kubelet","--v=2"]',
      "--allow",
      "perturb",
    ],
    user: "root",
    pid: 4711,
  });
  journal.wait(12).add({
    type: "target-connected",
    host: "local",
    cwd: "/root",
    facts: {
      hostname: "node-a",
      user: "root",
      uid: 0,
      kernel: "Linux 6.12.48 x86_64",
      os: "Debian GNU/Linux 13 (trixie)",
      bootId: "4f6f0a1e-6c2c-4c0f-9a53-1f4c6f1b8f10",
    },
    tools: [
      { name: "dlv", path: "/usr/bin/dlv", version: "1.24.1" },
      { name: "strace", path: "/usr/bin/strace", version: null },
    ],
  });

  const note = journal.of("note-1");
  journal.start(note, "note", {
    note: rich(
      "## What is known\n\nThe port answers HTTP, always with `404`, and no document mentions it. Earlier findings:\n\n- it moves with every start;\n- `{}` is always the owner;\n- see [the manual](https://kubernetes.io/docs/).\n",
      "kubelet",
    ),
  });
  journal.finish(note, "note", { result: {} });

  const issues = journal.wait(3).of("upstream_issues");
  journal.start(issues, "run", {
    title: rich("Has somebody asked before?"),
    spec: { command: "gh search issues kubelet random port" },
  });
  journal.add({
    type: "command-started",
    ...issues,
    command: 1,
    argv: ["/bin/sh", "-c", 'gh search issues "kubelet random port" --limit 5'],
    cwd: "/root",
    env: {},
    host: "local",
    user: null,
  });
  journal.wait(480).add({
    type: "command-finished",
    ...issues,
    command: 1,
    exit: { code: 4, signal: null },
    milliseconds: 480,
    bytes: { stdout: 0, stderr: 61 },
    truncated: false,
  });
  const stderr = evidence.add(
    "evidence/02-upstream_issues.stderr",
    "\u001b[31merror\u001b[0m: to use gh, set the \u001b[1mGH_TOKEN\u001b[0m variable\n",
  );
  journal.add({ type: "captured", ...issues, stream: "stderr", evidence: stderr });
  journal.finish(issues, "run", {
    outcome: "failed",
    tolerated: true,
    reason: "expected exit code 0, found 4",
    remedy: "set GH_TOKEN, or run with --offline",
  });

  const program = journal.wait(2).of("program");
  journal.start(program, "start", { title: rich("Look at `{}` from outside", "kubelet"), risk: "perturb" });
  journal.add({
    type: "change-announced",
    ...program,
    change: 1,
    kind: "start",
    what: "process 5120 (kubelet --v=2) is started",
    undo: "SIGTERM, after 5 s SIGKILL",
    token: { pid: 5120 },
    host: "local",
    user: null,
  });
  journal.wait(85).add({
    type: "step-opened",
    ...program,
    value: { pid: 5120, executable: "/usr/bin/kubelet", executable_sha256: "ab12".repeat(16) },
  });

  const listeners = journal.of("listeners", program);
  journal.start(listeners, "sockets", {
    title: rich("What does it listen on?"),
    spec: { pid: 5120, state: "listening" },
  });
  journal.wait(9).add({
    type: "expectation",
    ...listeners,
    name: "only_one_unknown",
    required: false,
    that: "result.sockets.size() == 3",
    holds: true,
    because: null,
    seen: { "result.sockets": [] },
    supports: [],
    refutes: [],
    says: null,
  });
  journal.finish(listeners, "sockets", {
    result: {
      sockets: [
        { protocol: "tcp", state: "LISTEN", address: "127.0.0.1", port: 10248, process: "kubelet", pid: 5120 },
        { protocol: "tcp", state: "LISTEN", address: "::", port: 10250, process: "kubelet", pid: 5120 },
        { protocol: "tcp", state: "LISTEN", address: "127.0.0.1", port: 41327, process: "kubelet", pid: 5120 },
      ],
    },
    saved: { port: 41327 },
    saved_by: { port: "only(result.sockets.filter(s, !(s.port in known_ports))).port" },
  });

  const probe = journal.of("probe", program);
  journal.start(probe, "http", { title: rich("What answers?") });
  for (const attempt of [1, 2]) {
    journal.wait(40).add({
      type: "attempt-finished",
      ...probe,
      attempt,
      outcome: attempt === 1 ? "failed" : "ok",
      reason: attempt === 1 ? "no answer: ECONNREFUSED" : null,
      milliseconds: 40,
    });
  }
  const body = evidence.add("evidence/05-probe.body", "404 page not found\n");
  journal.add({ type: "captured", ...probe, stream: "body", evidence: body });
  journal.add({
    type: "expectation",
    ...probe,
    name: "says_404",
    required: false,
    that: "result.status == 404",
    holds: true,
    because: null,
    seen: { "result.status": 404 },
    supports: [],
    refutes: [],
    says: rich("A plain `net/http` mux answers, not the API server."),
  });
  journal.finish(probe, "http", { result: { status: 404, body: "404 page not found" } });

  const louder = journal.of("louder", program);
  journal.start(louder, "log_level", {
    title: rich("Is a request for `{}` logged when the log is turned up?", "/hahaha"),
    risk: "perturb",
  });
  journal.add({
    type: "change-announced",
    ...louder,
    change: 2,
    kind: "log_level",
    what: "log level of http://127.0.0.1:10248 from 2 to 10",
    undo: "PUT 2",
    token: {},
    host: "local",
    user: null,
  });
  journal.wait(15).add({ type: "step-opened", ...louder, value: { before: "2" } });
  const again = journal.of("ask_again", louder);
  journal
    .start(again, "http", { title: rich("Ask again") })
    .wait(6)
    .finish(again, "http", { result: { status: 404, body: "404 page not found" } });
  journal
    .wait(2000)
    .add({ type: "change-undone", ...louder, change: 2, state: "undone", how: "read 2 afterwards, as before" });
  journal.add({
    type: "expectation",
    ...louder,
    name: "not_logged",
    required: false,
    that: "result.count == 0",
    holds: true,
    because: null,
    seen: { "result.count": 0 },
    supports: [],
    refutes: ["main_server"],
    says: null,
  });
  journal.finish(louder, "log_level", { result: { before: "2", during: "10", after: "2" } });
  journal
    .wait(20)
    .add({ type: "change-undone", ...program, change: 1, state: "undone", how: "the process has ended: SIGTERM" });
  const log = Array.from(
    { length: 400 },
    (_, line) =>
      `I1123 23:15:02.${String(line).padStart(6, "0")}    5120 server.go:${line}] "Started" component=${line % 7}`,
  ).join("\n");
  const stdout = evidence.add("evidence/03-program.stdout", log);
  journal.add({ type: "captured", ...program, stream: "stdout", evidence: stdout });
  journal.finish(program, "start", { result: { pid: 5120, exit_code: 0 } });

  const byHand = journal.wait(5).of("by_hand");
  journal.start(byHand, "debug", {
    title: rich("Stop at net.Listen while the program starts"),
    risk: "perturb",
    note: rich(
      "The debugger shows *some* goroutine; `{}` asks for the one that stands at `net.Listen`.",
      "goroutines -with",
    ),
  });
  journal.wait(300).add({ type: "process-stopped", ...byHand, pid: 5177, why: "breakpoint at net.Listen" });
  journal.wait(180).add({ type: "process-resumed", ...byHand, pid: 5177, milliseconds: 180 });
  journal.wait(250).add({ type: "process-stopped", ...byHand, pid: 5177, why: "breakpoint at net.Listen" });
  journal.wait(420).add({ type: "process-resumed", ...byHand, pid: 5177, milliseconds: 420 });
  journal.finish(byHand, "debug", {
    result: {
      turns: [
        {
          input: "break net.Listen",
          output: "Breakpoint 1 set at 0x5f2a8a for net.Listen() /usr/lib/go/src/net/dial.go:795",
        },
        {
          input: "continue",
          output: "> [Breakpoint 1] net.Listen() /usr/lib/go/src/net/dial.go:795 (hits goroutine(74):1 total:1)",
        },
        { input: "print address", output: '"127.0.0.1:0"' },
      ],
    },
  });

  const opened = journal.of("opened");
  journal.start(opened, "diff", { title: rich("Which sockets does one step out of net.Listen add?") });
  journal.wait(33).finish(opened, "diff", {
    result: {
      text: "--- before\n+++ after\n@@ -1,2 +1,3 @@\n tcp LISTEN 127.0.0.1:10248\n tcp LISTEN :::10250\n+tcp LISTEN 127.0.0.1:41327\n",
    },
  });

  const listens = journal.of("listens");
  journal.start(listens, "catch", { title: rich("Every hit, none lost"), risk: "perturb" });
  journal.wait(700);
  journal.add({
    type: "expectation",
    ...listens,
    name: "asks_for_zero",
    required: false,
    that: "opener != null",
    holds: true,
    because: null,
    seen: {
      opener: { function: "k8s.io/kubernetes/pkg/kubelet/cri/streaming.(*server).Start", address: "127.0.0.1:0" },
    },
    supports: ["port_zero"],
    refutes: [],
    says: null,
  });
  journal.add({
    type: "expectation",
    ...listens,
    name: "by_main",
    required: false,
    that: "opener.caller.function == main_function",
    holds: null,
    because: "main_function is null",
    seen: { main_function: null },
    supports: ["main_server"],
    refutes: [],
    says: null,
  });
  journal.finish(listens, "catch", {
    result: {
      frames: [
        { function: "net.Listen", file: "/usr/lib/go/src/net/dial.go", line: 795 },
        {
          function: "k8s.io/kubernetes/pkg/kubelet/cri/streaming.(*server).Start",
          file: "/src/pkg/kubelet/cri/streaming/server.go",
          line: 249,
          marked: true,
        },
        { function: "runtime.goexit", file: "/usr/lib/go/src/runtime/asm_amd64.s", line: 1700 },
      ],
    },
    saved: {
      opener: { function: "k8s.io/kubernetes/pkg/kubelet/cri/streaming.(*server).Start", address: "127.0.0.1:0" },
    },
  });

  const every = journal.of("every_port");
  journal.start(every, "run", { spec: null });
  for (const [index, port] of [10248, 10250].entries()) {
    const round = journal.of("every_port", every, index + 1);
    journal.start(round, "run", {
      title: rich("Look at port {}", String(port)),
      item: port,
      spec: { command: 'ss -Hltnp "sport = :$item"' },
    });
    journal.add({
      type: "command-started",
      ...round,
      command: 10 + index,
      argv: ["/bin/sh", "-c", 'ss -Hltnp "sport = :$item"'],
      cwd: "/tmp",
      env: { item: String(port) },
      host: "local",
      user: "root",
    });
    journal.wait(8).add({
      type: "command-finished",
      ...round,
      command: 10 + index,
      exit: { code: 0, signal: null },
      milliseconds: 8,
      bytes: { stdout: 80, stderr: 0 },
      truncated: false,
    });
    const line = `LISTEN 0 4096 127.0.0.1:${port} 0.0.0.0:* users:(("kubelet",pid=5120,fd=23))`;
    const ref = evidence.add(`evidence/11-every_port.${index + 1}.stdout`, `${line}\n`);
    journal.add({ type: "captured", ...round, stream: "stdout", evidence: ref });
    journal.finish(round, "run", { result: { exit_code: 0, stdout: line } });
  }
  journal.finish(every, "run", { result: [] });

  const later = journal.of("later");
  journal.finish(later, "run", { outcome: "skipped", reason: "when: port_known" });

  journal.add({
    type: "verdict",
    answer: "port_zero",
    says: "`k8s.io/kubernetes/pkg/kubelet/cri/streaming.(*server).Start` asks for `127.0.0.1:0`, so the kernel picks a free port.",
    advice: "Nothing to fix; exclude it from the port audit.",
    says_rich: rich(
      "`{}` asks for `{}`, so the kernel picks a free port.",
      "k8s.io/kubernetes/pkg/kubelet/cri/streaming.(*server).Start",
      "127.0.0.1:0",
    ),
    advice_rich: rich("Nothing to fix; exclude it from the port audit."),
    when: "listens.expect.asks_for_zero",
    rests_on: [
      { step: "listens", span: listens.span, expectation: "asks_for_zero" },
      { step: "listeners", span: listeners.span, expectation: null },
    ],
  });
  journal.add({
    type: "run-finished",
    status: "answered",
    exit_code: 0,
    milliseconds: Date.parse(journal.now) - Date.parse("2026-11-23T23:15:02.000Z"),
    redactions: { token: 3 },
  });
  return { events: journal.events, evidence };
}

/** A case of many small steps: for measuring and for limits. */
export function largeCase(
  steps: number,
  lines: number,
): { readonly events: readonly Event[]; readonly evidence: MemoryEvidence } {
  const { events } = sampleCase();
  const first = events[0];
  if (first?.type !== "run-started") throw new Error("a sample begins with its run");
  const journal = new JournalOf();
  const evidence = memoryEvidence();
  const outlined = Array.from({ length: steps }, (_, index) => ({
    step: `run-${index + 1}`,
    kind: "run",
    ordinal: index + 1,
    title: `Step ${index + 1}`,
    depth: 0,
    line: index,
  }));
  const { seq: _seq, at: _at, prev: _prev, ...body } = first;
  journal.add({ ...body, runbook: { ...first.runbook, steps: outlined } });
  for (const { step } of outlined) {
    const of = journal.of(step);
    const stdout = Array.from(
      { length: lines },
      (_, line) => `${step} line ${line} <of> some & output "that" is about this long`,
    ).join("\n");
    journal.start(of, "run", { title: rich("Step {}", step) });
    journal.add({
      type: "command-started",
      ...of,
      command: 1,
      argv: ["/bin/sh", "-c", `cat /var/log/${step} | grep -v '^#'`],
      cwd: "/root",
      env: {},
      host: "local",
      user: null,
    });
    journal.add({
      type: "command-finished",
      ...of,
      command: 1,
      exit: { code: 0, signal: null },
      milliseconds: 2,
      bytes: { stdout: stdout.length, stderr: 0 },
      truncated: false,
    });
    journal.wait(2).finish(of, "run", { result: { exit_code: 0, stdout } satisfies JsonObject });
  }
  journal.add({ type: "run-finished", status: "finished", exit_code: 0, milliseconds: steps * 2, redactions: {} });
  return { events: journal.events, evidence };
}
