import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Command, Target } from "../../src/model/target.js";
import { connectTarget } from "../../src/targets/index.js";
import { programsBut } from "../support/programs-but.js";
import { scratch } from "../support/scratch.js";
import { startSshd } from "../support/sshd.js";

const path = process.env.PATH;

afterEach(() => {
  process.env.PATH = path;
});

const hosts = [
  { host: "this machine", url: "local", without: null },
  { host: "a host", url: "ssh://box", without: [] },
  { host: "a host without bash", url: "ssh://box", without: ["bash"] },
] as const;

describe.each(hosts)("on $host", ({ url, without }) => {
  async function on(look: (target: Target, folder: string) => Promise<void>): Promise<void> {
    const folder = await scratch();
    await using _sshd =
      without === null
        ? null
        : await startSshd({ server: (own) => [`SetEnv SHLVL=2 PATH=${programsBut(without, own)}`] }).then((sshd) => {
            process.env.PATH = sshd.env.PATH;
            return sshd;
          });
    await using target = await connectTarget(url, { signal: AbortSignal.timeout(30_000), scratch: folder });
    await look(target, folder);
  }

  test("nobody takes what a command leaves of its input", () =>
    on(async (target, folder) => {
      const left = join(folder, "left");
      await run(target, { argv: ["true"], stdin: `: >'${left}'\n` });
      await run(target, { argv: ["head", "-c", "3"], stdin: `abc: >'${left}'\n: >'${left}'\n` });
      expect(existsSync(left)).toBe(false);
    }));

  test("a variable has the value that it was given, whatever a shell makes of its name", () =>
    on(async (target) => {
      const names = "BASHPID BASH_ARGV DIRSTACK EPOCHSECONDS FUNCNAME GROUPS HISTCMD IFS LINENO OPTIND PPID RANDOM";
      const env = Object.fromEntries(
        `${names} PWD SECONDS SHELLOPTS SHLVL SRANDOM UID LC_ALL LC_TOKEN _`.split(" ").map((name) => [name, "a 'b"]),
      );
      const { out, err } = await run(target, { argv: ["env", "-0"], env });
      const found = new Map(out.split("\0").map((line) => [line.split("=", 1)[0] ?? "", line.replace(/^\w+=/, "")]));
      expect(Object.fromEntries(Object.keys(env).map((name) => [name, found.get(name)]))).toEqual(env);
      expect(err).toBe("");
      const before = await run(target, { argv: ["env", "-0"], env, stdin: "" });
      expect(new Set(before.out.split("\0"))).toEqual(new Set(out.split("\0")));
      if (process.getuid?.() !== 0) return;
      const other = await run(target.as("nobody"), { argv: ["env", "-0"], env });
      expect(other.out.split("\0")).toEqual(expect.arrayContaining(Object.entries(env).map((each) => each.join("="))));
    }));
});

async function run(target: Target, command: Command) {
  let [out, err] = ["", ""];
  const stdout = { directFile: null, write: (bytes: Uint8Array) => void (out += Buffer.from(bytes).toString()) };
  const stderr = { directFile: null, write: (bytes: Uint8Array) => void (err += Buffer.from(bytes).toString()) };
  await target.run(command, { stdout, stderr }, AbortSignal.timeout(30_000));
  return { out, err };
}
