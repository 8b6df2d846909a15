import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/model/json.js";
import { logLevel } from "../../../src/steps/log_level/index.js";
import { runText } from "../../support/casebook.js";
import { scratch } from "../../support/scratch.js";
import { identityOfFile, running, startNginx, startRedis } from "../../support/servers.js";
import { createBench, type OpenStep } from "../../support/step-context.js";
import { needs } from "../../support/tools.js";

async function turned(written: Json, during: (open: OpenStep) => Promise<void>) {
  await using bench = await createBench();
  return await bench.use(logLevel, written, during);
}

describe("by a command: redis", () => {
  it("is read, set and set back, as shell texts or as lists", async (context) => {
    needs(context, "redis-server", "redis-cli");
    const { socket } = await startRedis();
    const cli = ["redis-cli", "-s", socket, "config"];
    const level = () => execFileSync("redis-cli", [...cli.slice(1), "get", "loglevel"], { encoding: "utf8" });
    const shell = `redis-cli -s ${socket} config`;
    for (const command of [
      { get: `${shell} get loglevel | tail -n 1`, set: `[ "$(${shell} set loglevel "$level")" = OK ]` },
      { get: [...cli, "get", "loglevel"], set: [...cli, "set", "loglevel", "$level"] },
    ]) {
      const done = await turned({ command, to: "debug" }, async () => expect(level()).toBe("loglevel\ndebug\n"));
      expect(done.result).toMatchObject({ before: "notice", during: "debug", after: "notice", restored: true });
      expect(level()).toBe("loglevel\nnotice\n");
    }
    // redis-cli ends with 0 although the server refused: the level is read again, and it did not change.
    const command = { get: [...cli, "get", "loglevel"], set: [...cli, "set", "loglevel", "$level"] };
    await expect(turned({ command, to: "loud" }, async () => {})).rejects.toThrow(/expected the level loud .* notice/);
  });

  it("cannot be put back when the server has gone meanwhile, and says so", async (context) => {
    needs(context, "redis-server", "redis-cli");
    const { server, socket } = await startRedis();
    const cli = ["redis-cli", "-s", socket, "config"];
    const command = { get: [...cli, "get", "loglevel"], set: [...cli, "set", "loglevel", "$level"] };
    const done = await turned({ command, to: "debug" }, async () => {
      const ended = new Promise((resolve) => server.on("exit", resolve));
      server.kill("SIGKILL");
      await ended;
    });
    expect(done.undone).toMatchObject([
      { state: "cannot", why: expect.stringMatching(/ended with exit code 1.*may still be debug instead of notice/) },
    ]);
  });
});

describe("in a file: nginx", () => {
  const pattern = "^error_log \\S+ (\\w+);";

  it("is set for a while; bytes, owner, mode and inode are as before afterwards", async (context) => {
    needs(context, "nginx");
    const { folder, path, text, reload } = await startNginx();
    const before = await identityOfFile(path);
    const done = await turned({ file: { path, pattern, reload }, to: "debug" }, async () => {
      expect(await readFile(path, "utf8")).toBe(text.replace(" warn;", " debug;"));
    });
    expect(done.result).toEqual({ before: "warn", during: "debug", after: "warn", restored: true, how_known: "read" });
    expect(await identityOfFile(path)).toEqual(before);
    expect(done.undone).toMatchObject([{ state: "undone", how: expect.stringContaining("byte for byte") }]);
    expect(await readFile(join(folder, "error.log"), "utf8").catch(() => "")).not.toContain("[emerg]");
  });

  it("is put back when the program refuses the level", async (context) => {
    needs(context, "nginx");
    const { path, reload } = await startNginx();
    const before = await identityOfFile(path);
    const opening = turned({ file: { path, pattern, reload }, to: "loud" }, async () => {});
    await expect(opening).rejects.toThrow(/to take the level loud, but it ended with exit code 1: .*invalid log level/);
    expect(await identityOfFile(path)).toEqual(before);
  });

  it("is not overwritten when somebody else has changed the file meanwhile", async () => {
    const folder = await scratch({ "app.conf": "level=info\nother=1\n" });
    const path = join(folder, "app.conf");
    const done = await turned({ file: { path, pattern: "^level=(.*)$" }, to: "debug" }, async () => {
      await writeFile(path, "level=debug\nother=2\n");
    });
    expect(await readFile(path, "utf8")).toBe("level=debug\nother=2\n");
    expect(done.undone).toMatchObject([
      { state: "cannot", why: expect.stringMatching(/changed by somebody else .*was info, the step made it debug/) },
    ]);
    expect(done.failure).toContain("expected the level info after the step, found debug");
  });

  it("is put back by another process, once", async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x0a, ...Buffer.from("level=info\n")]);
    const folder = await scratch({ "app.conf": bytes });
    const path = join(folder, "app.conf");
    await using bench = await createBench();
    await bench.use(logLevel, { file: { path, pattern: "^level=(.*)$" }, to: "debug" }, async ({ announced }) => {
      const token = announced[0]?.token ?? null;
      expect(await bench.undo(logLevel, token)).toMatchObject({ state: "undone" });
      expect(await readFile(path)).toEqual(bytes);
      expect(await bench.undo(logLevel, token)).toMatchObject({ state: "was-undone" });
    });
    expect(await readFile(path)).toEqual(bytes);
  });

  it("must have exactly one match", async () => {
    const folder = await scratch({ twice: "level=a\nlevel=b\n", none: "nothing\n" });
    const change = (name: string) =>
      turned({ file: { path: join(folder, name), pattern: "^level=(.*)$" }, to: "debug" }, async () => {});
    await expect(change("twice")).rejects.toThrow(/exactly one match .* found several/);
    await expect(change("none")).rejects.toThrow(/exactly one match .* found none/);
    await expect(change("missing")).rejects.toThrow(/expected to read .*missing, but .*ENOENT/);
  });
});

describe("by signals", () => {
  const program = `use strict; $| = 1; my $level = 1; open my $out, ">", $ARGV[0];
    $out->autoflush(1); $SIG{USR1} = sub { print $out ++$level, "\\n" }; $SIG{USR2} = sub { print $out --$level, "\\n" };
    print $out "ready\\n"; sleep 1 while 1;`;

  it("is raised by as many as it is away, and lowered again", async () => {
    const folder = await scratch();
    const out = join(folder, "out");
    const child = await running(["perl", "-MIO::Handle", "-e", program, out], () => existsSync(out));
    await expect.poll(() => readFile(out, "utf8")).toContain("ready");
    const signal = { pid: child.pid ?? 0, up: "USR1", down: "SIGUSR2" };
    const done = await turned({ signal, to: 4, was: 1 }, async () => {
      await expect.poll(() => readFile(out, "utf8")).toBe("ready\n2\n3\n4\n");
    });
    await expect.poll(() => readFile(out, "utf8")).toBe("ready\n2\n3\n4\n3\n2\n1\n");
    expect(done.result).toEqual({ before: "1", during: "4", after: null, restored: true, how_known: "declared" });
  });

  it("is lowered by as many as were sent when the step's time is over in between", async () => {
    // What the kernel holds back is taken one by one: Perl's handlers would take two that come close together for one.
    const slow = `import signal, sys, time
both = {signal.SIGUSR1, signal.SIGUSR2}
for one in both: signal.signal(one, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, both)
out, level = open(sys.argv[1], "w", buffering=1), 0
out.write("ready\\n")
while True:
    level += 1 if signal.sigwait(both) == signal.SIGUSR1 else -1
    out.write(f"{level}\\n")
    time.sleep(0.05)`;
    const folder = await scratch();
    const out = join(folder, "out");
    const child = await running(["python3", "-c", slow, out], () => existsSync(out));
    await expect.poll(() => readFile(out, "utf8")).toContain("ready");
    const ran = await runText(
      `casebook: 1
title: Louder, but not for long
steps:
  - id: louder
    timeout: 500ms
    log_level: { signal: { pid: ${child.pid}, up: USR1, down: USR2 }, to: 20, was: 0 }
    during: [{ run: "true" }]
`,
      ["--allow", "perturb"],
    );
    expect(ran.code, ran.stderr).toBe(3);
    await expect.poll(() => readFile(out, "utf8")).toMatch(/\n0\n$/);
    const levels = (await readFile(out, "utf8")).trim().split("\n").slice(1).map(Number);
    expect(Math.max(...levels)).toBeGreaterThan(0);
    expect(Math.max(...levels)).toBeLessThan(20);
    expect(ran.of("change-undone").map(({ state }) => state)).toEqual(["undone"]);
  });

  it("is not tried on a program that such a signal would end", async () => {
    const child = await running(["sleep", "60"], () => true);
    const signal = { pid: child.pid ?? 0, up: "USR1", down: "USR2" };
    await expect(turned({ signal, to: 4, was: 1 }, async () => {})).rejects.toThrow(/nothing was sent/);
    expect(child.signalCode).toBeNull();
  });
});

describe("the fields", () => {
  const issues = (written: Json): string[] => {
    const parsed = logLevel.spec.safeParse(logLevel.normalise?.(written));
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  };

  it("name one way, and `was` where nothing can be read", () => {
    expect(issues({ to: 3 })).toEqual([expect.stringContaining("found none")]);
    expect(issues({ klog: "http://a", zap: "http://b", to: 3 })).toEqual([expect.stringContaining("klog and zap")]);
    expect(issues({ command: { set: "x" }, to: 3 })).toEqual(["expected `was`, or `get` in command"]);
    expect(issues({ signal: { pid: 1, up: "USR1", down: "USR2" }, to: 3 })).toEqual([
      "expected `was`: a level that signals change cannot be read",
    ]);
    expect(issues({ file: { path: "/a", pattern: "level" }, to: 3 })).toEqual([
      "expected one group around the level, found 0: level",
    ]);
    expect(issues({ file: { path: "/a", pattern: "(?:\\(a|[(]) (?P<level>x)" }, to: 3 })).toEqual([]);
    expect(issues({ http: { set: "http://a/$level" }, to: 3, was: 1 })).toEqual([]);
  });
});
