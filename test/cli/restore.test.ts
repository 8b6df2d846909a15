import { execFileSync, spawnSync } from "node:child_process";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Event } from "../../src/model/event.js";
import { casebook } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { isRunning, processWithPid } from "../support/same-pid.js";
import { scratch } from "../support/scratch.js";

const level = (more = ""): string => `casebook: 1
title: A level in a file
steps:
  - id: louder
    log_level: { file: { path: ./app.conf, pattern: "^level=(.*)$" }, to: debug }
    during: [{ id: inside, run: sleep 60 }]
${more}`;

/** Runs a runbook and kills casebook once it says a text. */
async function killedRun(files: Readonly<Record<string, string>>, says: string, args: readonly string[] = []) {
  const cwd = await scratch(files);
  const running = startCasebook(["run", "a.yaml", "--allow", "perturb", "--out", "case", ...args], cwd);
  await running.says(says);
  running.child.kill("SIGKILL");
  await running.ended;
  const restore = (...more: readonly string[]) => casebook(["restore", "case", ...more], { cwd });
  return { cwd, restore, journal: join(cwd, "case/journal.ndjson") };
}

const killedInside = () => killedRun({ "a.yaml": level(), "app.conf": "level=info\n" }, "→   inside");

const eventsIn = async (journal: string): Promise<readonly Event[]> =>
  (await readFile(journal, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);

describe("a run that was killed", () => {
  test("is finished from its journal: put back, read again, reported, and safe to repeat", async () => {
    const { cwd, restore, journal } = await killedInside();
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=debug\n");
    await appendFile(journal, '{"seq":99,"at":"2026-01-01T00:0'); // as a machine that lost its power leaves it
    const before = (await readFile(journal, "utf8")).split("\n").slice(0, -1);

    const first = await restore();
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      /^log level in .*app\.conf from info to debug: put back: .*byte for byte what it was/m,
    );
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=info\n");

    const events = await eventsIn(journal);
    const appended = events.slice(before.length);
    expect((await readFile(journal, "utf8")).split("\n").slice(0, before.length)).toEqual(before);
    expect(appended.map(({ type }) => type)).toEqual(["interrupted", "change-undone"]);
    expect(appended[0]).toMatchObject({ by: "restore", seq: before.length + 1 });
    expect(await casebook(["verify", "case"], { cwd })).toMatchObject({ code: 0 });
    execFileSync("sha256sum", ["--check", "--strict", "--quiet", "manifest.sha256"], { cwd: join(cwd, "case") });
    const report = await readFile(join(cwd, "case/report.md"), "utf8");
    expect(report).toContain("**incomplete**");
    expect(report).toContain("One change was made, and it was put back.");
    expect(report).toMatch(/put back after/);

    const again = await restore();
    expect(again).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n" });
    expect(await eventsIn(journal)).toEqual(events);
  });

  test("whose reports were not written any more gets them, though nothing is left to put back", async () => {
    const { cwd, restore } = await killedInside();
    await restore();
    for (const file of ["report.html", "manifest.sha256"]) await rm(join(cwd, "case", file));
    expect(await restore()).toMatchObject({ code: 0, stdout: "Nothing was left to put back.\n" });
    expect(await readFile(join(cwd, "case/report.html"), "utf8")).toContain("incomplete");
  });

  test("that a person has put right by hand is found so", async () => {
    const { cwd, restore } = await killedInside();
    await writeFile(join(cwd, "app.conf"), "level=info\n");
    expect(await restore()).toMatchObject({ code: 0, stdout: expect.stringContaining("was put back already") });
  });

  test("on another machine is not put back here, unless one says that this is where it is reached", async () => {
    const { cwd, restore, journal } = await killedInside();
    const text = await readFile(journal, "utf8");
    await writeFile(journal, text.replace(/"hostname":"[^"]*"/, '"hostname":"elsewhere"'));
    const refused = await restore();
    expect(refused.code).toBe(80);
    expect(refused.stdout).toMatch(/NOT put back: the run was on elsewhere, and local is .*--host/);
    expect(refused.stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=debug\n");
    expect(await restore("--host", "local")).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=info\n");
  });

  test("is put back although a line in the middle of its journal is no event", async () => {
    const { cwd, restore, journal } = await killedInside();
    const lines = (await readFile(journal, "utf8")).split("\n");
    await writeFile(journal, [lines[0], "not an event", ...lines.slice(1)].join("\n"));
    const restored = await restore();
    expect(restored.stderr).toContain("1 line of the journal is no event");
    expect(restored.code).toBe(0);
    expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=info\n");
    expect(await casebook(["verify", "case"], { cwd })).toMatchObject({ code: 1 });
  });
});

test("a process is told from a later one with the same pid, which is left alone", async (context) => {
  const { restore, journal } = await killedRun(
    {
      "a.yaml": `casebook: 1
title: A program
steps:
  - id: program
    start: [sleep, "60"]
    during: [{ id: inside, run: sleep 60 }]
`,
    },
    "→   inside",
  );
  const started = (await eventsIn(journal)).find((event) => event.type === "change-announced");
  const pid = Number(/"pid":(\d+)/.exec(JSON.stringify(started?.token))?.[1]);
  await expect.poll(() => isRunning(pid)).toBe(false);
  const later = processWithPid(pid);
  if (later === null) return context.skip("this kernel does not let root choose the next pid");
  onTestFinished(() => void later.kill("SIGKILL"));
  expect(await restore()).toMatchObject({ code: 0, stdout: expect.stringContaining(`process ${pid} has ended`) });
  expect(isRunning(pid)).toBe(true);
});

test("a case whose run still goes on is left to it", async () => {
  const cwd = await scratch({ "a.yaml": level(), "app.conf": "level=info\n" });
  const running = startCasebook(["run", "a.yaml", "--allow", "perturb", "--out", "case"], cwd);
  await running.says("→   inside");
  const refused = await casebook(["restore", "case"], { cwd });
  expect(refused.code).toBe(64);
  expect(refused.stderr).toMatch(/the run of case is still going on \(process \d+\)/);
  expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=debug\n");
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect(await readFile(join(cwd, "app.conf"), "utf8")).toBe("level=info\n");
});

test("a folder that is no case, or none at all, is a mistake of usage", async () => {
  const cwd = await scratch({ "a.yaml": "" });
  await mkdir(join(cwd, "empty"));
  for (const name of ["empty", "missing"]) {
    const refused = await casebook(["restore", name], { cwd });
    expect(refused.code, refused.stderr).toBe(64);
    expect(refused.stderr).toContain(name);
  }
});

test("a run that ended in order has nothing left to put back", async () => {
  const cwd = await scratch({ "a.yaml": 'casebook: 1\ntitle: Whole\nsteps: [{ run: "true" }]\n' });
  expect(await casebook(["run", "a.yaml", "--out", "case"], { cwd })).toMatchObject({ code: 0 });
  const journal = await readFile(join(cwd, "case/journal.ndjson"), "utf8");
  expect(await casebook(["restore", "case"], { cwd })).toMatchObject({ stdout: "Nothing was left to put back.\n" });
  expect(await readFile(join(cwd, "case/journal.ndjson"), "utf8")).toBe(journal);
});

describe("a secret that undoing needs", () => {
  const secret = "correct-horse-battery";
  let current = "info";

  /** A level behind a password. */
  async function guarded(): Promise<string> {
    current = "info";
    const server: Server = createServer((request, response) => {
      if (request.headers.authorization !== `Bearer ${secret}`) return void response.writeHead(401).end("who are you?");
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (request.method === "PUT") current = Buffer.concat(chunks).toString();
        response.end(current);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/level`;
  }

  const runbook = (url: string): string => `casebook: 1
title: A level behind a password
inputs: { token: { secret: true } }
steps:
  - id: louder
    log_level:
      http:
        get: { get: "${url}", headers: { authorization: "Bearer {{token}}" } }
        set: { put: "${url}", body: "$level", headers: { authorization: "Bearer {{token}}" } }
      to: debug
    during: [{ id: inside, run: sleep 60 }]
`;

  test("is not in the journal, is asked for, and is given with -i or in the environment", async () => {
    const url = await guarded();
    const { cwd, restore, journal } = await killedRun({ "a.yaml": runbook(url) }, "→   inside", [
      "-i",
      `token=${secret}`,
    ]);
    expect(current).toBe("debug");
    expect(spawnSync("grep", ["-r", secret, "case"], { cwd }).status).toBe(1);
    const refused = await restore();
    expect(refused.code).toBe(80);
    expect(refused.stdout).toContain("the secret token is needed: give it with -i token=");
    expect(refused.stdout.trimEnd().split("\n").at(-1)).toBe("casebook restore case");
    expect(current).toBe("debug");

    const wrong = await restore("-i", "token=something-else");
    expect(wrong.code).toBe(80);
    expect(wrong.stdout).toContain("status 401");
    expect(await restore("-i", "tokenn=x")).toMatchObject({ code: 64 });

    const done = await casebook(["restore", "case"], { cwd, env: { CASEBOOK_INPUT_TOKEN: secret } });
    expect(done, done.stdout).toMatchObject({ code: 0 });
    expect(current).toBe("info");
    expect(await readFile(journal, "utf8")).not.toContain(secret);
    expect(await casebook(["verify", "case"], { cwd })).toMatchObject({ code: 0 });
  });
});
