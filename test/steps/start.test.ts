import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProgramOutput, programOutput } from "../../src/model/offers.js";
import { start } from "../../src/steps/start/index.js";
import { freePort } from "../support/ports.js";
import { type Bench, createBench } from "../support/step-context.js";

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => await bench[Symbol.asyncDispose]());

const sh = (text: string): string[] => ["sh", "-c", text];

const isAlive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // there is no such process
  }
};

/** A web server in the node that runs this test. */
const web = (port: number, delay = 0, status = 200): string[] => [
  process.execPath,
  "-e",
  `setTimeout(() => require("node:http").createServer((_, r) => { r.statusCode = ${status}; r.end() }).listen(${port}, "127.0.0.1"), ${delay})`,
];

test("a program runs for the length of during and is then ended", async () => {
  let pid = 0;
  const { result, undone } = await bench.use(start, sh("echo up; echo warn >&2; exec sleep 60"), async (open) => {
    pid = Number(open.value.pid);
    expect(open.announced).toHaveLength(1);
    await expect.poll(() => readFileSync(`/proc/${pid}/comm`, "utf8")).toBe("sleep\n");
  });
  expect(isAlive(pid)).toBe(false);
  expect(result).toEqual({ pid, exit_code: null, stdout: "up", stderr: "warn", truncated: false });
  expect(undone).toMatchObject([{ state: "undone", how: expect.stringContaining("SIGTERM") }]);
});

test("its children end with it, and one that ignores the signal is killed", async () => {
  const pids: number[] = [];
  const text = "trap '' TERM; sh -c 'sleep 61 & echo $!; wait' & echo $$; wait; while :; do sleep 1; done";
  await bench.use(start, { command: sh(text), ready: { log: "^\\d+$" } }, async (open) => {
    const output = open.offers[0]?.value as ProgramOutput;
    const printed = (): string =>
      output.streams[0]
        ?.chunks()
        .map(({ bytes }) => Buffer.from(bytes))
        .join("") ?? "";
    await expect.poll(() => printed().trim().split("\n")).toHaveLength(2);
    pids.push(...printed().trim().split("\n").map(Number));
  });
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test("another signal can end it", async () => {
  const command = sh("trap 'echo bye; exit 5' INT; echo up; while :; do sleep 0.05; done");
  const { result } = await bench.use(start, { command, stop: "SIGINT", ready: { log: "up" } }, async () => {});
  expect(result).toMatchObject({ exit_code: 5, stdout: "up\nbye" });
});

test("that it ends by itself is recorded and is no failure", async () => {
  const { result, failure, undone } = await bench.use(start, sh("echo done; exit 3"), async ({ value }) => {
    await expect.poll(() => isAlive(Number(value.pid))).toBe(false);
  });
  expect(result).toMatchObject({ exit_code: 3, stdout: "done" });
  expect(failure).toBeNull();
  expect(undone).toEqual([{ state: "was-undone", how: expect.stringContaining("has ended") }]);
});

test("during begins when its port listens, when a line is printed, or when it answers", async () => {
  const port = await freePort();
  const ways = [{ port }, { http: `http://127.0.0.1:${port}/` }];
  for (const ready of ways) {
    await bench.use(start, { command: web(port, 100), ready }, async () => {
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    });
  }
  const file = join(bench.folder, "printed");
  const command = sh(`sleep 0.2; touch ${file}; printf 'rea'; sleep 0.1; printf 'dy é'; sleep 60`);
  await bench.use(start, { command, ready: { log: "^ready .$" } }, async () => expect(existsSync(file)).toBe(true));
});

test("a program that ends before it is ready fails the step with its last lines", async () => {
  const command = sh("echo starting; echo 'bind: address in use' >&2; exit 98");
  await expect(bench.use(start, { command, ready: { port: 1 } }, async () => {})).rejects.toThrow(
    "expected port 1 to be listened on, but the program ended before with exit code 98; it printed last: starting ⏎ bind: address in use",
  );
});

test("a port that another process holds does not make it ready, and the holder is named", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const starting = bench.use(
    start,
    { command: sh("exec sleep 60"), ready: { port, within: "1500ms" } },
    async () => {},
  );
  await expect(starting).rejects.toMatchObject({
    message: expect.stringContaining(`it is held by `),
    remedy: expect.stringContaining("within"),
  });
  await expect(starting).rejects.toThrow(`(pid ${process.pid})`);
  server.close();
});

test("a service that answers 503 is not ready yet", async () => {
  const port = await freePort();
  const ready = { http: `http://127.0.0.1:${port}/`, within: "700ms" };
  await expect(bench.use(start, { command: web(port, 0, 503), ready }, async () => {})).rejects.toThrow(
    "it answered 503",
  );
});

test("a program that never is ready is ended", async () => {
  const file = join(bench.folder, "pid");
  const command = sh(`echo $$ > ${file}; exec sleep 60`);
  await expect(bench.use(start, { command, ready: { log: "never", within: "200ms" } }, async () => {})).rejects.toThrow(
    "expected a line that matches never within 0.2 s, but no line matched; it printed nothing",
  );
  expect(isAlive(Number(readFileSync(file, "utf8")))).toBe(false);
});

test("its output is readable while it runs", async () => {
  const command = sh("echo first; read line < /dev/null; sleep 0.1; echo second >&2; exec sleep 60");
  await bench.use(start, { command, ready: { log: "first" } }, async (open) => {
    expect(open.offers[0]?.key.name).toBe(programOutput.name);
    const output = open.offers[0]?.value as ProgramOutput;
    const second = await new Promise<string>((resolve) => {
      output.subscribe((chunk, stream) => resolve(`${stream.name}: ${Buffer.from(chunk.bytes)}`));
    });
    expect(second).toBe("stderr: second\n");
    const [chunk] = output.streams[0]?.chunks() ?? [];
    expect(Buffer.from(chunk?.bytes ?? []).toString()).toBe("first\n");
    expect(chunk?.at).toBeInstanceOf(Date);
  });
});

test("of an endless output the latest is held and the rest is in the evidence", async () => {
  const size = 20 * 1024 * 1024;
  const { result, captured } = await bench.use(start, sh(`head -c ${size} /dev/zero; echo; echo end`), async (open) => {
    const output = open.offers[0]?.value as ProgramOutput;
    await output.ended;
    const [stdout] = output.streams;
    const held = stdout?.chunks().reduce((sum, { bytes }) => sum + bytes.length, 0) ?? 0;
    expect(held).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(held + (stdout?.dropped() ?? 0)).toBe(size + 5);
  });
  expect(captured.get("stdout")?.bytes).toBe(size + 5);
  expect(result.stdout).toMatchObject({ omittedBytes: size + 5 - 65536 });
});

test("another process can end it by its token, once", async () => {
  await bench.use(start, sh("exec sleep 60"), async (open) => {
    const [change] = open.announced;
    expect(await bench.undo(start, change?.token ?? null)).toMatchObject({ state: "undone" });
    expect(isAlive(Number(open.value.pid))).toBe(false);
    expect(await bench.undo(start, change?.token ?? null)).toMatchObject({ state: "was-undone" });
  });
});

test("a later process with the same pid is left alone", async () => {
  await bench.use(start, sh("exec sleep 60"), async (open) => {
    const token = { ...(open.announced[0]?.token as object), start_ticks: "1" };
    expect(await bench.undo(start, token)).toMatchObject({ state: "was-undone" });
    expect(isAlive(Number(open.value.pid))).toBe(true);
  });
});
