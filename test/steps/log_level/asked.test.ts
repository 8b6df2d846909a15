import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../../src/model/json.js";
import { logLevel } from "../../../src/steps/log_level/index.js";
import { start } from "../../../src/steps/start/index.js";
import { buildLevels, type LevelsProgram, type RunningProgram, startLevels } from "../../support/levels.js";
import { freePort } from "../../support/ports.js";
import { createBench, type OpenStep } from "../../support/step-context.js";

let program: LevelsProgram;
beforeAll(async () => {
  program = await buildLevels();
});
afterAll(() => program.remove());

const get = async (url: string): Promise<string> => await (await fetch(url)).text();

/** Opens the step, calls back, closes. */
async function turned(written: Json, during: (open: OpenStep) => Promise<void>) {
  await using bench = await createBench();
  return await bench.use(logLevel, written, during);
}

describe("klog", () => {
  it("is planned at the URL that will be asked", () => {
    for (const klog of ["http://a:‹port›", "http://a:‹port›/", "http://a:‹port›/debug/flags/v"]) {
      expect(logLevel.outline({ klog, to: 6 }).commands).toEqual(["PUT http://a:‹port›/debug/flags/v (6)"]);
    }
  });

  it("is turned up and back, the level before taken from `was`", async () => {
    await using running = await startLevels(program);
    const done = await turned({ klog: running.url, to: 6, was: 2 }, async () => {
      expect(await get(`${running.url}/work?for=marker`)).toContain("klog6=true");
    });
    expect(await get(`${running.url}/work`)).toContain("klog6=false");
    expect(done.result).toEqual({ before: "2", during: "6", after: null, restored: true, how_known: "declared" });
    expect(done.undone).toEqual([
      { state: "undone", how: "PUT 2 was answered with status 200; the level cannot be read there" },
    ]);
    expect(running.stderr()).toContain("verbose work for marker");
    expect(done.failure).toBeNull();
  });

  it("asks for `was`, since it cannot be read", async () => {
    await using running = await startLevels(program);
    const opening = turned({ klog: running.url, to: 6 }, async () => {});
    await expect(opening).rejects.toMatchObject({
      name: "StepFailure",
      message: expect.stringContaining("cannot be read"),
      remedy: "say what it is with `was:`",
    });
  });

  it("is put back when it refuses the level", async () => {
    await using running = await startLevels(program);
    const opening = turned({ klog: running.url, to: "loud", was: 2 }, async () => {});
    await expect(opening).rejects.toThrow(/take the level loud, but it refused: status 400: failed to set/);
    expect(await get(`${running.url}/work`)).toContain("klog6=false");
  });
});

describe("zap", () => {
  it("is read before, while and after", async () => {
    await using running = await startLevels(program);
    const done = await turned({ zap: `${running.url}/zap`, to: "debug" }, async ({ value, announced }) => {
      expect(value).toEqual({ before: "info", during: "debug" });
      expect(await get(`${running.url}/work?for=marker`)).toContain("zap=debug");
      expect(announced.map(({ what, undo }) => [what, undo])).toEqual([
        [`log level at ${running.url}/zap from info to debug`, "sets it to info"],
      ]);
    });
    expect(done.result).toEqual({
      before: "info",
      during: "debug",
      after: "info",
      restored: true,
      how_known: "read",
    });
    expect(running.stderr()).toContain('"msg":"debug work"');
  });

  it("fails before anything is changed when `was` is wrong, and says what was read", async () => {
    await using running = await startLevels(program);
    const opening = turned({ zap: `${running.url}/zap`, to: "debug", was: "error" }, async () => {});
    await expect(opening).rejects.toThrow(/expected the level error before, as `was` says, but .* tells info/);
    expect(await get(`${running.url}/zap`)).toContain("info");
  });

  it("is left alone when somebody else has changed it meanwhile", async () => {
    await using running = await startLevels(program);
    const url = `${running.url}/zap`;
    const done = await turned({ zap: url, to: "debug" }, async () => {
      await fetch(url, { method: "PUT", body: '{"level":"error"}' });
    });
    expect(done.undone).toMatchObject([{ state: "cannot", why: expect.stringContaining("tells error") }]);
    expect(done.result).toMatchObject({ after: "error", restored: false });
    expect(done.failure).toContain("expected the level info");
    expect(await get(url)).toContain("error");
  });

  it("is put back once, however often that is asked for", async () => {
    await using running = await startLevels(program);
    await using bench = await createBench();
    let token: Json = null;
    await bench.use(logLevel, { zap: `${running.url}/zap`, to: "debug" }, async ({ announced }) => {
      token = announced[0]?.token ?? null;
      expect(await bench.undo(logLevel, token)).toMatchObject({ state: "undone" });
      expect(await bench.undo(logLevel, token)).toMatchObject({ state: "was-undone" });
    });
    expect(await get(`${running.url}/zap`)).toContain("info");
  });

  it("is not known to be put back when its program has ended and nobody answers", async () => {
    await using running = await startLevels(program);
    const done = await turned({ zap: `${running.url}/zap`, to: "debug" }, async () => await running.end());
    expect(done.undone).toEqual([
      {
        state: "cannot",
        why: `process ${running.pid}, which held the level, has ended, and ${running.url}/zap answers no more, so what it will come back with is not known; the level may still be debug instead of info`,
      },
    ]);
    expect(done.result).toMatchObject({ after: null, restored: false });
  });

  it("died with its program when another one answers there, which is not touched", async () => {
    await using running = await startLevels(program);
    const url = `${running.url}/zap`;
    let fresh: RunningProgram | undefined;
    const done = await turned({ zap: url, to: "debug" }, async () => {
      await running.end();
      fresh = await startLevels(program, running.url.replace("http://", ""));
      await fetch(url, { method: "PUT", body: '{"level":"error"}' });
    });
    await using _fresh = fresh ?? null;
    expect(done.undone).toEqual([
      {
        state: "was-undone",
        how: `process ${running.pid}, which held the level, has ended, and the level with it; another process answers at ${url}, which tells error`,
      },
    ]);
    expect(await get(url)).toContain("error");
  });

  it("goes with a program that the run itself started", async () => {
    await using bench = await createBench();
    const file = join(bench.folder, "address");
    const done = await bench.use(start, { command: [program.executable, file] }, async ({ value, offers }) => {
      await expect.poll(() => existsSync(file) && readFileSync(file, "utf8")).toBeTruthy();
      const url = `http://${readFileSync(file, "utf8").trim()}/zap`;
      const level = await bench.use(
        logLevel,
        { zap: url, to: "debug" },
        async () => void process.kill(Number(value.pid), "SIGKILL"),
        { offers: { program: offers } },
      );
      expect(level.undone).toEqual([
        { state: "was-undone", how: `process ${value.pid}, which held the level, has ended, and the level with it` },
      ]);
      expect(level.result).toMatchObject({ after: null, restored: true });
    });
    expect(done.result).toMatchObject({ exit_code: null });
  });

  it("goes with a program that ends while it is asked to set it back", async () => {
    await using bench = await createBench();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const command = [process.execPath, "-e", dying, String(port)];
    await bench.use(start, { command, ready: { port } }, async ({ value, offers }) => {
      const level = await bench.use(logLevel, { zap: url, to: "debug" }, async () => void (await get(`${url}/end`)), {
        offers: { program: offers },
      });
      expect(level.undone).toEqual([
        { state: "was-undone", how: `process ${value.pid}, which held the level, has ended, and the level with it` },
      ]);
    });
  });
});

/** Holds a level; once `/end` was asked for it hangs up at the next question, and is gone a moment later. */
const dying = `
let level = "info";
let ending = false;
const server = require("node:http").createServer((request, response) => {
  if (ending) {
    server.close();
    request.socket.destroy();
    setTimeout(() => process.exit(), 300);
    return;
  }
  if (request.url === "/end") ending = true;
  if (request.method === "PUT") level = "debug";
  response.end(JSON.stringify({ level }));
});
server.listen(Number(process.argv[1]), "127.0.0.1");
`;

describe("other requests", () => {
  it("carry the level in URL, body or JSON, and read it by a pattern", async () => {
    await using running = await startLevels(program);
    const url = `${running.url}/zap`;
    const get = { get: url, pattern: '"level":"(\\w+)"' };
    for (const set of [
      { put: url, json: { level: "$level" } },
      { put: url, body: '{"level":"$level"}' },
    ]) {
      const done = await turned({ http: { get, set }, to: "warn" }, async () => {});
      expect(done.result).toMatchObject({ before: "info", during: "warn", after: "info", restored: true });
    }
  });

  it("that are taken without effect are found out", async () => {
    await using running = await startLevels(program);
    const opening = turned(
      { http: { get: `${running.url}/deaf`, set: `${running.url}/deaf` }, to: "debug" },
      async () => {},
    );
    await expect(opening).rejects.toThrow(/expected the level debug at .* after setting it, but it tells info/);
  });

  it("to nobody fail and say so", async () => {
    const opening = turned({ zap: "http://127.0.0.1:1/zap", to: "debug" }, async () => {});
    await expect(opening).rejects.toThrow(/the connection was refused: nothing listens there/);
  });

  it("cannot be undone without the secret that the journal left out", async () => {
    await using bench = await createBench();
    const undone = await bench.undo(logLevel, { through: "channel", channel: { headers: "[masked:token]" } });
    expect(undone).toEqual({ state: "cannot", why: "the secret token is needed: give it with -i token=…" });
  });
});
