import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RanCase, runText } from "../support/casebook.js";
import { buildGo, freePorts, type GoProgram } from "../support/go-program.js";
import { marked, processesGone } from "../support/processes.js";

/** How often each order is tried: the scheduler decides anew each time. */
const rounds = Number(process.env.CASEBOOK_ORDER_ROUNDS ?? 2);

const runbook = readFileSync(fileURLToPath(new URL("../../runbooks/go-random-port.yaml", import.meta.url)), "utf8");

let program: GoProgram;
beforeAll(async () => {
  program = await buildGo("random-port", { name: "kubelet" });
});
afterAll(async () => await program[Symbol.asyncDispose]());

/** Runs the runbook on a program, and sees to it that nothing of it stays. */
async function investigate(path: string, flags: readonly string[], inputs: readonly string[] = []): Promise<RanCase> {
  const [port, readOnly] = await freePorts(2);
  const { mark, env } = marked();
  const command = JSON.stringify([path, `-port=${port}`, `-read-only-port=${readOnly}`, ...flags]);
  const given = [`command=${command}`, `known_ports=[${port},${readOnly}]`, `ready_port=${port}`, ...inputs];
  const ran = await runText(runbook, ["--allow", "perturb", ...given.flatMap((each) => ["-i", each])], { env });
  expect(await processesGone(mark, 5000)).toEqual([]);
  return ran;
}

for (const order of ["main-first", "random-first", "any"]) {
  test(`the verdict names who opens the port, ${rounds} times of ${rounds}, ${order}`, {
    timeout: rounds * 20_000,
  }, async () => {
    for (let round = 1; round <= rounds; round++) {
      const ran = await investigate(program.path, [`-order=${order}`, "-parked=50"]);
      expect(ran.code, `round ${round}: ${ran.stderr}`).toBe(0);
      const [verdict] = ran.of("verdict");
      expect(verdict).toMatchObject({ answer: "port_zero" });
      expect(verdict?.says).toContain("`randomport/streaming.(*server).Start`");
      const added = ran.finished("opened").result as { added: { port: number }[] };
      expect(added.added.length).toBeGreaterThan(0);
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

test("a program without a listener on port 0 leaves the question undecided", { timeout: 60_000 }, async () => {
  const ran = await investigate(program.path, ["-no-random"]);
  expect(ran.code, ran.stderr).toBe(2);
  expect(ran.of("verdict")[0]).toMatchObject({ answer: "undecided" });
});

test("with its sources at hand the suspicious line is found in them too", async () => {
  const ran = await investigate(program.path, [], [`source=${program.source}`]);
  expect(ran.finished("suspects").outcome).toBe("ok");
});
