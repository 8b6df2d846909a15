import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RanCase, runText } from "../support/casebook.js";
import { buildGo, type GoProgram } from "../support/go-program.js";
import { threadsOf } from "../support/served-program.js";
import { startSshd } from "../support/sshd.js";

const runbook = readFileSync(fileURLToPath(new URL("../../runbooks/goroutine-leak.yaml", import.meta.url)), "utf8");

let program: GoProgram;
beforeAll(async () => {
  program = await buildGo("leaks");
});
afterAll(async () => await program[Symbol.asyncDispose]());

/** Runs the fixture, which starts fifty goroutines a second, while `look` looks at it. */
async function leaking<T>(way: string, look: (pid: number) => Promise<T>, path = program.path): Promise<T> {
  const child = spawn(path, [way], { stdio: ["ignore", "pipe", "inherit"] });
  const { pid = 0 } = child;
  try {
    await once(child.stdout, "data");
    const looked = await look(pid);
    expect(child.exitCode).toBeNull();
    expect(threadsOf(pid).filter(({ tracer, state }) => tracer !== 0 || /[tT]/.test(state))).toEqual([]);
    return looked;
  } finally {
    child.kill("SIGKILL");
  }
}

const ask = (pid: number, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RanCase> => {
  const given = ["process=leaks", `pid=${pid}`, "seconds=1"].flatMap((each) => ["-i", each]);
  return runText(runbook, ["--allow", "disrupt", ...given, ...args], { env });
};

const told: Readonly<Record<string, { readonly hypothesis: string; readonly says: RegExp }>> = {
  send: {
    hypothesis: "nobody_receives",
    says: /^\d+ goroutines wait at `.*main\.go:\d+ in main\.look`, .* started by `main\.ask` .* It sends on a channel/,
  },
  receive: {
    hypothesis: "nobody_sends",
    says: /in main\.follow`, .* started by `main\.subscribe` .* It receives from a channel/,
  },
  lock: {
    hypothesis: "lock",
    says: /One of them is in `main\.update` .* started by `main\.lock` .* It waits for a lock/,
  },
  network: {
    hypothesis: "network",
    says: /One of them is in `main\.converse` .* started by `main\.dial` .* the network/,
  },
};

test.each(Object.entries(told))(
  "where goroutines leak that wait for a %s is named",
  async (way, { hypothesis, says }) => {
    const ran = await leaking(way, ask);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.of("verdict")).toMatchObject([{ answer: "leak", says: expect.stringMatching(says) }]);
    expect(ran.of("verdict")[0]?.advice).toMatch(/^\S.*\.$/);
    const { hypotheses } = JSON.parse(await ran.report("json"));
    const standings = new Map(
      hypotheses.map(({ name, standing }: { name: string; standing: string }) => [name, standing]),
    );
    const others = Object.values(told).map((each) => each.hypothesis);
    for (const name of ["leak", ...others]) {
      expect([name, standings.get(name)]).toEqual([
        name,
        name === "leak" || name === hypothesis ? "supported" : "refuted",
      ]);
    }
  },
);

test("a program whose goroutines come and go leaks none, whatever crowd it has", async () => {
  const ran = await leaking("none", ask);
  expect(ran.code, ran.stderr).toBe(0);
  const says = expect.stringMatching(/most, 30, wait at `.* in main\.crowd\.func1`\.$/);
  expect(ran.of("verdict")).toMatchObject([{ answer: "load", says }]);
});

test("the leak of an optimized program is found behind SSH", async () => {
  await using optimized = await buildGo("leaks", { flags: ["-trimpath"] });
  await using sshd = await startSshd();
  const ran = await leaking("send", (pid) => ask(pid, ["--host", "ssh://box"], sshd.env), optimized.path);
  expect(ran.code, ran.stderr).toBe(0);
  expect(new Set(ran.of("command-started").map(({ host }) => host))).toEqual(new Set(["ssh://box"]));
  expect(ran.of("verdict")).toMatchObject([{ answer: "leak", says: expect.stringContaining("in main.look`") }]);
  expect(ran.of("change-undone").map(({ state }) => state)).toEqual(["undone"]);
});
