import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { casebook } from "../support/casebook.js";
import { buildLevels, type LevelsProgram, startLevels } from "../support/levels.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";
import { identityOfFile, startNginx, startRedis } from "../support/servers.js";
import { needs } from "../support/tools.js";

let program: LevelsProgram;
beforeAll(async () => {
  program = await buildLevels();
});
afterAll(() => program?.remove());

/** klog, zap, redis and nginx, all turned up at once, one inside the other; the innermost step looks at them. */
async function allTurnedUp(context: TestContext) {
  needs(context, "go", "redis-server", "redis-cli", "nginx", "strace");
  const levels = await startLevels(program);
  const { socket } = await startRedis();
  const { path, url, reload, folder } = await startNginx();
  const redis = `redis-cli -s ${socket} config`;
  const before = await identityOfFile(path);
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Everything turned up
steps:
  - id: klog
    log_level: { klog: "${levels.url}", to: 6, was: 2 }
    during:
      - id: zap
        log_level: { zap: "${levels.url}/zap", to: debug }
        during:
          - id: redis
            log_level: { command: { get: "${redis} get loglevel | tail -n 1", set: '${redis} set loglevel "$level"' }, to: debug }
            during:
              - id: nginx
                log_level:
                  file: { path: "${path}", pattern: '^error_log \\S+ (\\w+);', reload: ${JSON.stringify(reload)} }
                  to: debug
                during:
                  - { id: worked, http: { get: "${levels.url}/work" } }
                  - { id: loglevel, run: "${redis} get loglevel" }
                  - { id: conf, run: "grep error_log ${path}" }
                  - { id: served, http: { get: "${url}" } }
                  - { id: logged, log: { file: "${folder}/error.log", since: nginx, contains: "[notice]", wait: 3s } }
                  - { id: waits, run: sleep "$seconds" }
inputs: { seconds: { default: "0" } }
`,
  });
  const stillTurnedUp = async (): Promise<readonly string[]> => {
    const now = {
      klog: (await (await fetch(`${levels.url}/work`)).text()) === "klog6=false zap=info",
      redis: execFileSync("redis-cli", ["-s", socket, "config", "get", "loglevel"], { encoding: "utf8" }).includes(
        "notice",
      ),
      nginx: JSON.stringify(await identityOfFile(path)) === JSON.stringify(before),
    };
    return Object.entries(now).flatMap(([name, isBack]) => (isBack ? [] : [name]));
  };
  return { cwd, levels, stillTurnedUp };
}

test("real programs are turned up and back: klog, zap, redis, nginx", async (context) => {
  const { cwd, levels, stillTurnedUp } = await allTurnedUp(context);
  await using _levels = levels;
  const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "--out", "case"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  const evidence = (name: string) => readFile(join(cwd, "case/evidence", name), "utf8");
  expect(await evidence("05-worked.body")).toBe("klog6=true zap=debug");
  expect(await evidence("06-loglevel.stdout")).toBe("loglevel\ndebug\n");
  expect(await evidence("07-conf.stdout")).toContain(" debug;");
  expect(await evidence("09-logged.lines")).toContain("signal process started");
  expect(await stillTurnedUp()).toEqual([]);
});

test("and back after casebook was killed, by `restore` alone", async (context) => {
  const { cwd, levels, stillTurnedUp } = await allTurnedUp(context);
  await using _levels = levels;
  const args = ["run", "a.yaml", "--allow", "perturb", "--out", "case", "-i", "seconds=60"];
  const running = startCasebook(args, cwd);
  await running.says("→         waits");
  running.child.kill("SIGKILL");
  await running.ended;
  expect(await stillTurnedUp()).toEqual(["klog", "redis", "nginx"]);
  const restored = await casebook(["restore", "case"], { cwd });
  expect(restored.code, restored.stdout).toBe(0);
  expect(restored.stdout.match(/: put back: /g)).toHaveLength(4);
  expect(await stillTurnedUp()).toEqual([]);
  expect(await casebook(["restore", "case"], { cwd })).toMatchObject({ stdout: "Nothing was left to put back.\n" });
});
