import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RanCase, runText } from "../support/casebook.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { freePorts } from "../support/ports.js";
import { marked, processesGone } from "../support/processes.js";
import { issuesOf, searchServer } from "../support/search-services.js";

/** How often each order is tried: the scheduler decides anew each time. */
const rounds = Number(process.env.CASEBOOK_ORDER_ROUNDS ?? 2);

const runbook = readFileSync(fileURLToPath(new URL("../../runbooks/go-random-port.yaml", import.meta.url)), "utf8");

let program: GoProgram;
beforeAll(async () => {
  program = await buildGo("random-port", { name: "kubelet" });
});
afterAll(async () => await program[Symbol.asyncDispose]());

/** Runs the runbook on a program, and sees to it that nothing of it stays. */
async function investigate(
  path: string,
  flags: readonly string[],
  inputs: readonly string[] = [],
  upstream = "",
): Promise<RanCase> {
  const [port, readOnly] = await freePorts(2);
  const { mark, env } = marked();
  const command = JSON.stringify([path, `-port=${port}`, `-read-only-port=${readOnly}`, ...flags]);
  const given = [`command=${command}`, `known_ports=[${port},${readOnly}]`, `ready_port=${port}`, ...inputs];
  const lookUp = upstream === "" ? ["--offline"] : [];
  const args = ["--allow", "perturb", ...lookUp, ...given.flatMap((each) => ["-i", each])];
  const ran = await runText(runbook, args, { env: { ...env, GITHUB_API_URL: upstream } });
  expect(await processesGone(mark)).toEqual([]);
  return ran;
}

interface Standing {
  readonly standing: string;
  readonly refutes: readonly { readonly step: string }[];
}

async function standingOf(ran: RanCase, hypothesis: string): Promise<Standing | undefined> {
  const report = JSON.parse(await ran.report("json")) as { hypotheses: readonly (Standing & { name: string })[] };
  return report.hypotheses.find(({ name }) => name === hypothesis);
}

/** The runbook's answer and what it rests on, as every round must have it. */
async function expectNamed(ran: RanCase, where: string): Promise<void> {
  const told = `${where}:\n${ran.stderr}`;
  expect(ran.code, told).toBe(0);
  const [verdict] = ran.of("verdict");
  expect(verdict, told).toMatchObject({ answer: "port_zero" });
  expect(verdict?.says, told).toContain("`randomport/streaming.(*server).Start`");
  expect(await standingOf(ran, "main_server"), told).toMatchObject({
    standing: "refuted",
    refutes: expect.arrayContaining([
      expect.objectContaining({ step: "logged", expectation: "not_logged" }),
      expect.objectContaining({
        step: "turned_up",
        line: expect.objectContaining({ text: expect.stringContaining("/debug/flags/v") }),
      }),
    ]),
  });
  expect(
    ran.of("change-undone").map(({ state }) => state),
    told,
  ).toEqual(Array(5).fill("undone"));
  const added = ran.finished("opened").result as { added: { port: number }[] };
  expect(added.added.length, told).toBeGreaterThan(0);
  expect(
    ran.of("expectation").find(({ name }) => name === "same_inode"),
    told,
  ).toMatchObject({ holds: true });
  expect(ran.finished("listens").result, told).toMatchObject({ lost: 0, ended_by: "until" });
}

for (const order of ["main-first", "random-first", "any"]) {
  test(`the verdict names who opens the port, ${rounds} times of ${rounds}, ${order}`, {
    timeout: 30_000 + rounds * 60_000,
  }, async () => {
    for (let round = 1; round <= rounds; round++) {
      const ran = await investigate(program.path, [`-order=${order}`, "-parked=50"]);
      await expectNamed(ran, `round ${round}, ${order}`);
    }
  });
}

test("with the opener's package and function renamed it names the new one", async () => {
  await using renamed = await buildGo("random-port", {
    name: "kubelet",
    edit: (text) =>
      text
        .replaceAll("streaming", "tunnel")
        .replaceAll("Start(", "Launch(")
        .replaceAll("*server", "*relay")
        .replaceAll("type server ", "type relay ")
        .replaceAll("&server{", "&relay{"),
    rename: { streaming: "tunnel" },
  });
  const ran = await investigate(renamed.path, []);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")[0]?.says).toContain("`randomport/tunnel.(*relay).Launch`");
});

test("a program without a listener on port 0 leaves the question undecided", async () => {
  const ran = await investigate(program.path, ["-no-random"], ["watch=3s"]);
  expect(ran.code, ran.stderr).toBe(2);
  expect(ran.of("verdict")[0]).toMatchObject({ answer: "undecided" });
});

test("a listener on port 0 that is opened without net.Listen is found all the same", async () => {
  await using configured = await buildGo("random-port", {
    name: "kubelet",
    edit: (text) =>
      text.includes("s.addr)")
        ? text
            .replace("import (", 'import (\n"context"')
            .replace("net.Listen(", "(&net.ListenConfig{KeepAlive: -1}).Listen(context.Background(), ")
        : text,
  });
  const ran = await investigate(configured.path, [], ["watch=2s"]);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")[0]).toMatchObject({ answer: "port_zero" });
  expect(ran.of("verdict")[0]?.says).toMatch(
    /^`randomport\/streaming\.\(\*server\)\.Start` .* by a `net\.ListenConfig`/,
  );
});

test("the report leads from the refuted hypothesis to the log, and shows that level and tracer were put back", async () => {
  const ran = await investigate(program.path, ["-v=2"], ["quiet=2"]);
  const report = await ran.report("md");
  const part = (from: string, to: string) => report.slice(report.indexOf(from), report.indexOf(to));
  expect(part("## Verdict", "## State of the host")).toMatch(
    /It is none of the documented servers: of 3 lines of their log, turned up to 10, none is of the request for .*hahaha/,
  );
  expect(part("## Verdict", "## State of the host")).toContain("(#step-turned_up)");
  const host = part("## State of the host", "## Question");
  expect(host).toMatch(
    /log level at .*\/debug\/flags\/v from 2 to 10.*sets it to 2.*put back after.*PUT 2 was answered/,
  );
  expect(host).toMatch(/attached strace to process \d+.*put back after.*traced by nobody/);
  const timeline = part("## Timeline", "## Steps");
  for (const what of ["log level at", "PUT 2 was answered", "attached strace", "traced by nobody"]) {
    expect(timeline).toContain(what);
  }
  expect(timeline).toMatch(/\(evidence\/\d+-turned_up\.lines\)/);
  expect(ran.of("expectation").find(({ name }) => name === "read_here")).toMatchObject({ holds: true });
});

test("a port whose requests are logged is not refuted by the log", async () => {
  await using logs = await buildGo("random-port", {
    name: "kubelet",
    edit: (text) =>
      text
        .replace(
          "handler: http.NewServeMux()",
          'handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { verbosity.Infof(4, "GET %s", req.URL); http.NotFound(w, req) })',
        )
        .replace('"randomport/util"\n)\n\n// Server', '"randomport/util"\n\t"randomport/verbosity"\n)\n\n// Server'),
  });
  const ran = await investigate(logs.path, []);
  const refuting = (await standingOf(ran, "main_server"))?.refutes.map(({ step }) => step);
  expect(refuting).toEqual(["undocumented"]);
});

test("a program that does not let its log be turned up leaves that open, and is investigated all the same", async () => {
  await using mute = await buildGo("random-port", {
    name: "kubelet",
    edit: (text) => text.replace("/debug/flags/v", "/none"),
  });
  const ran = await investigate(mute.path, []);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.finished("louder")).toMatchObject({
    outcome: "failed",
    tolerated: true,
    reason: expect.stringContaining("404"),
  });
  expect((await standingOf(ran, "main_server"))?.refutes.map(({ step }) => step)).toEqual(["undocumented"]);
  expect(ran.of("verdict")[0]?.says).not.toContain("their log");
});

test("in an optimized build the opener and its socket are found as well", async () => {
  await using optimized = await buildGo("random-port", { name: "kubelet", flags: [] });
  const ran = await investigate(optimized.path, []);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.of("verdict")[0]?.says).toContain("`randomport/streaming.(*server).Start`");
  expect(ran.of("expectation").find(({ name }) => name === "same_inode")).toMatchObject({ holds: true });
});

test("with its sources at hand the suspicious line is found in them too", async () => {
  const ran = await investigate(program.path, [], [`source=${program.source}`]);
  expect(ran.finished("suspects").outcome).toBe("ok");
});

test("what others have met counts where it can be asked, and changes no verdict where it cannot", async () => {
  const server = await searchServer(issuesOf(2));
  const asked = await investigate(program.path, [], [], server.url);
  expect(asked.code, asked.stderr).toBe(0);
  expect(server.asked[0]?.url.searchParams.get("q")).toBe(
    "kubelet random port localhost repo:kubernetes/kubernetes is:issue",
  );
  expect(await standingOf(asked, "reported")).toMatchObject({ standing: "supported" });
  const alone = await investigate(program.path, [], [], `http://127.0.0.1:${(await freePorts(1))[0]}`);
  expect(alone.finished("upstream_issues")).toMatchObject({ outcome: "failed", tolerated: true });
  await expectNamed(alone, "without a network");
  expect(await standingOf(alone, "reported")).toMatchObject({ standing: "open" });
});
