import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ByteSink } from "../../src/model/evidence.js";
import type { Command, Exit, Target } from "../../src/model/target.js";
import { freePort } from "./ports.js";
import { hostileTexts, propertyOptions } from "./property.js";
import { scratch } from "./scratch.js";

/**
 * What every target keeps, however its host is reached. The host of the test shares this machine's files, processes and clock.
 *
 * @param connect opens the target once for all tests
 * @param hands whether a process there gets the descriptor of an evidence file, so that nothing passes through casebook
 * @param tells whether the host's shell tells a death by a signal from an exit code that looks like one
 */
export function keepsTheContract(
  connect: (folder: string) => Promise<Target>,
  { hands, tells = true }: { readonly hands: boolean; readonly tells?: boolean },
): void {
  let folder: string;
  let target: Target;
  // Told from that of any other test which runs meanwhile.
  const sleep = `sleep 4${Math.random().toString().slice(1, 12)}`;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "casebook-target-"));
    target = await connect(folder);
  });

  afterAll(async () => {
    await target?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** A sink in memory, by way of a pipe. */
  function piped(): { readonly sink: ByteSink; readonly text: () => string } {
    const chunks: Uint8Array[] = [];
    const sink = { directFile: null, write: (chunk: Uint8Array) => void chunks.push(chunk) };
    return { sink, text: () => Buffer.concat(chunks).toString() };
  }

  let files = 0;

  /** A sink that is a file, whose descriptor the child gets. */
  function direct(): { readonly sink: ByteSink; readonly text: () => string } {
    const file = join(folder, `out-${++files}`);
    writeFileSync(file, "");
    return {
      sink: {
        directFile: file,
        write: (chunk: Uint8Array) => (hands ? expect.unreachable() : appendFileSync(file, chunk)),
      },
      text: () => readFileSync(file, "utf8"),
    };
  }

  describe.each([
    ["a command whose output goes straight into files", direct],
    ["a command whose output passes through", piped],
  ])("%s", (_, sinkOf) => {
    async function run(command: Command, signal = AbortSignal.timeout(30_000)): Promise<Ran> {
      const out = sinkOf();
      const err = sinkOf();
      const exit = await target.run(command, { stdout: out.sink, stderr: err.sink }, signal);
      return { ...exit, out: out.text(), err: err.text() };
    }
    const shell = (text: string, more: Partial<Command> = {}) => run({ argv: ["/bin/sh", "-c", text], ...more });

    test("keeps its streams apart and tells its exit code", async () => {
      expect(await shell("echo out; echo err >&2; exit 3")).toEqual({
        code: 3,
        signal: null,
        out: "out\n",
        err: "err\n",
      });
    });

    test("tells a death by a signal from an exit code that looks like one", async () => {
      expect(await shell("kill -9 $$")).toMatchObject({ code: null, signal: "SIGKILL" });
      if (tells) expect(await shell("exit 137")).toMatchObject({ code: 137, signal: null });
      expect(await shell("kill -2 $$")).toMatchObject({ code: null, signal: "SIGINT" });
    });

    test("gets any text as an argument, a variable, its folder and its input, byte for byte", async () => {
      const texts = [
        ...hostileTexts.map((text) => Buffer.from(text.replaceAll("\0", "")).toString()),
        "'",
        "\\",
        "$(id) `id` $HOME\n",
        "-n",
      ];
      for (const text of texts) {
        const ran = await run({ argv: ["printf", "%s|", text, "end"], env: { CASEBOOK_TEXT: text } });
        expect(ran.out).toBe(`${text}|end|`);
        expect((await shell('printf %s "$CASEBOOK_TEXT"', { env: { CASEBOOK_TEXT: text } })).out).toBe(text);
        expect((await run({ argv: ["cat"], stdin: text })).out).toBe(text);
      }
    });

    test("has an empty input unless it is given one", async () => {
      expect((await shell("cat; echo end")).out).toBe("end\n");
    });

    test("that does not exist, or whose folder does not, ends like in a shell", async () => {
      const missing = await run({ argv: ["casebook-no-such-program"] });
      expect(missing.code).toBe(127);
      expect(missing.err).toContain("casebook-no-such-program");
      const nowhere = await shell("echo never", { cwd: "/casebook-no-such-folder" });
      expect(nowhere).toMatchObject({ code: 126, out: "" });
      expect(nowhere.err).toContain("/casebook-no-such-folder");
    });

    test("is ended with its group when the signal aborts, and leaves nothing", async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 200);
      const since = performance.now();
      const out = sinkOf();
      const command = { argv: ["/bin/sh", "-c", `${sleep} & ${sleep}; echo never`] };
      const exit = await target.run(command, { stdout: out.sink, stderr: sinkOf().sink }, controller.signal);
      expect(exit).toEqual({ code: null, signal: "SIGTERM" });
      expect(performance.now() - since).toBeLessThan(20_000);
      expect(pgrep(sleep)).toBe("none");
    });

    test("does not leave behind what it put in the background", async () => {
      const since = performance.now();
      expect((await shell(`${sleep} & echo done`)).out).toBe("done\n");
      expect(performance.now() - since).toBeLessThan(20_000);
      expect(pgrep(sleep)).toBe("none");
    });

    test("is not waited for because of a daemon that has its streams", async () => {
      const pid = join(await scratch(), "pid");
      const since = performance.now();
      const daemon = `setsid sh -c 'echo $$ >${pid}; exec sleep 40' & until [ -s ${pid} ]; do sleep 0.02; done; echo done`;
      expect((await shell(daemon)).out).toBe("done\n");
      expect(performance.now() - since).toBeLessThan(20_000);
      process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
      expect((await shell("echo next")).out).toBe("next\n");
    });

    test("runs beside others", async () => {
      // Each waits for the others: one after the other they would never end.
      const meet = await scratch();
      const others = "until [ -e 1 ] && [ -e 2 ] && [ -e 3 ] && [ -e 4 ]; do sleep 0.02; done";
      const all = await Promise.all(
        [1, 2, 3, 4].map((number) => shell(`cd ${meet}; : >${number}; ${others}; echo ${number}`)),
      );
      expect(all.map(({ out }) => out)).toEqual(["1\n", "2\n", "3\n", "4\n"]);
    });

    test("takes an argument of 100 KB", async () => {
      const text = "x'y".repeat(33_000);
      expect((await run({ argv: ["printf", "%s", text] })).out).toBe(text);
    });
  });

  test("the quoting of arguments survives random texts", async () => {
    const out = direct();
    const texts = fc.sample(fc.string({ unit: "binary", maxLength: 40 }), propertyOptions("quoted arguments", 200));
    const given = texts.map((text) => Buffer.from(text.replaceAll("\0", "")).toString());
    await target.run(
      { argv: ["printf", "%s\\0", ...given] },
      { stdout: out.sink, stderr: direct().sink },
      AbortSignal.timeout(30_000),
    );
    expect(out.text().split("\0").slice(0, -1)).toEqual(given);
  });

  describe("a held process", () => {
    test("exists but does nothing until it is let go", async () => {
      const out = direct();
      const held = await target.hold(
        { argv: ["echo", "gone"] },
        { stdout: out.sink, stderr: direct().sink },
        { stdin: false },
      );
      expect(readFileSync(`/proc/${held.identity.pid}/stat`, "utf8")).toContain(held.identity.startTicks);
      expect(out.text()).toBe("");
      held.release();
      expect(await held.exit).toEqual({ code: 0, signal: null });
      expect(out.text()).toBe("gone\n");
    });

    test("is ended in its way", async () => {
      const out = piped();
      const command: Command = {
        argv: ["/bin/sh", "-c", "trap 'echo bye; exit 4' INT; echo up; while :; do sleep 0.02; done"],
        ending: { signal: "INT", graceMilliseconds: 3000, kill: true },
      };
      const held = await target.hold(command, { stdout: out.sink, stderr: piped().sink }, { stdin: false });
      held.release();
      while (!out.text().includes("up")) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await held.stop(AbortSignal.timeout(30_000))).toEqual({ code: 4, signal: null });
      expect(out.text()).toBe("up\nbye\n");
    });

    test("reads what is written to it, where asked for", async () => {
      const out = piped();
      const held = await target.hold({ argv: ["cat"] }, { stdout: out.sink, stderr: piped().sink }, { stdin: true });
      held.stdin?.write("hel");
      held.release();
      held.stdin?.end("lo");
      await held.exit;
      expect(out.text()).toBe("hello");
    });
  });

  test("connects to what the host connects to, and says why it cannot", async () => {
    await carries(target, join(folder, "socket"));
  });

  test("a file is replaced in place: inode, owner and mode stay", async () => {
    const file = join(folder, "config");
    writeFileSync(file, "a long first text", { mode: 0o640 });
    const before = statSync(file);
    await target.write(file, Buffer.from("short"), AbortSignal.timeout(30_000));
    expect(readFileSync(file, "utf8")).toBe("short");
    expect(statSync(file)).toMatchObject({ ino: before.ino, mode: before.mode, uid: before.uid });
  });

  test("another user's commands run through sudo, with values on their input", async () => {
    const out = direct();
    const command = {
      argv: ["sh", "-c", 'id -un; printf %s "$TEXT"; cat'],
      env: { TEXT: "it's $HOME" },
      stdin: "input",
    };
    const sinks = { stdout: out.sink, stderr: direct().sink };
    expect(await target.as("nobody").run(command, sinks, AbortSignal.timeout(30_000))).toEqual({
      code: 0,
      signal: null,
    });
    expect(out.text()).toBe("nobody\nit's $HOMEinput");
  });

  test("a user that sudo does not permit fails the step and says so", async () => {
    const sinks = { stdout: direct().sink, stderr: direct().sink };
    const asked = target.as("no-such-user-here").run({ argv: ["id"] }, sinks, AbortSignal.timeout(30_000));
    await expect(asked).rejects.toThrow(/sudo -n/);
  });

  test("another user's files are read and replaced as that user", async () => {
    const file = join(folder, "theirs");
    writeFileSync(file, "first text\n", { mode: 0o600 });
    chownSync(file, 65_534, 65_534);
    chmodSync(folder, 0o711);
    const nobody = target.as("nobody");
    const signal = () => AbortSignal.timeout(30_000);
    const before = statSync(file);
    for (const text of ["a longer second text\n", "short\n", "x".repeat(200_000)]) {
      await nobody.write(file, Buffer.from(text), signal());
      expect(Buffer.from(await nobody.read(file, signal())).toString()).toBe(text);
      expect(statSync(file)).toMatchObject({ ino: before.ino, mode: before.mode, uid: 65_534 });
    }
    const root = join(folder, "root-only");
    writeFileSync(root, "x", { mode: 0o600 });
    await expect(nobody.write(root, Buffer.from("y"), signal())).rejects.toMatchObject({ code: "EACCES" });
    await expect(nobody.write(join(folder, "none"), Buffer.from("y"), signal())).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
}

interface Ran extends Exit {
  readonly out: string;
  readonly err: string;
}

/** An echo comes back through TCP and through a Unix socket at this path; where nothing listens the code says so. */
export async function carries(target: Target, path: string): Promise<void> {
  const signal = () => AbortSignal.timeout(30_000);
  const text = randomBytes(200_000).toString("hex");
  await using tcp = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await using unix = createServer((socket) => socket.pipe(socket)).listen(path);
  await Promise.all([tcp, unix].map(async (server) => server.listening || (await once(server, "listening"))));
  const { port } = tcp.address() as AddressInfo;
  for (const address of [{ host: "127.0.0.1", port }, { path }]) {
    const stream = await target.connect(address, signal());
    stream.write(text);
    let back = "";
    for await (const chunk of stream) {
      back += String(chunk);
      if (back.length >= text.length) break;
    }
    expect(back === text).toBe(true);
  }
  await expect(target.connect({ path: `${path}-none` }, signal())).rejects.toMatchObject({ code: "ENOENT" });
  const closed = await freePort();
  await expect(target.connect({ host: "127.0.0.1", port: closed }, signal())).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
}

/** What pgrep says of a command line. It ends with 1 where it finds none, and with another where it is missing or misused. */
function pgrep(commandLine: string): string {
  const { status, stdout, error } = spawnSync("pgrep", ["-f", commandLine], { encoding: "utf8" });
  if (error !== undefined) throw error;
  return status === 1 ? "none" : `status ${status}: ${stdout}`;
}
