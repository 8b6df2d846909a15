import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTarget } from "../../src/targets/index.js";
import { programsBut } from "../support/programs-but.js";
import { scratch } from "../support/scratch.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { carries, keepsTheContract } from "../support/target-contract.js";

const path = process.env.PATH;

const open = () => connectTarget("ssh://box", { signal: AbortSignal.timeout(30_000), scratch: "/" });

describe("behind SSH", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
    process.env.PATH = sshd.env.PATH;
  });
  afterAll(async () => {
    process.env.PATH = path;
    await sshd[Symbol.asyncDispose]();
  });
  keepsTheContract(open, { hands: false });
});

describe("behind SSH, where there is no bash", () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ server: (folder) => [`SetEnv SHLVL=2 PATH=${programsBut(["bash"], folder)}`] });
    process.env.PATH = sshd.env.PATH;
  });
  afterAll(async () => {
    process.env.PATH = path;
    await sshd[Symbol.asyncDispose]();
  });
  keepsTheContract(open, { hands: false, tells: false });
});

/** What carries a connection where sshd forwards none, by the programs that must be away for it. */
const carriers = [
  { carrier: "Python", without: [] },
  { carrier: "Perl", without: ["python3"] },
];

describe.each(carriers)("where sshd forwards nothing, $carrier", ({ without }) => {
  test("carries a connection", async () => {
    await using sshd = await startSshd({
      server: (folder) => ["AllowTcpForwarding no", `SetEnv SHLVL=2 PATH=${programsBut(without, folder)}`],
    });
    process.env.PATH = sshd.env.PATH;
    await using target = await open();
    await carries(target, join(await scratch(), "socket"));
    process.env.PATH = path;
  });
});

test("where sshd forwards nothing and there is nothing but bash, it carries TCP, and says what else it needs", async () => {
  await using sshd = await startSshd({
    server: (folder) => [
      "AllowTcpForwarding no",
      `SetEnv SHLVL=2 PATH=${programsBut(["python3", "perl", "socat"], folder)}`,
    ],
  });
  process.env.PATH = sshd.env.PATH;
  await using target = await open();
  const signal = AbortSignal.timeout(30_000);
  const stream = await target.connect({ host: "127.0.0.1", port: sshd.port }, signal);
  const [first] = await once(stream, "data");
  expect(String(first)).toMatch(/^SSH-2\.0-/);
  stream.destroy();
  await expect(target.connect({ host: "127.0.0.1", port: 1 }, signal)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(target.connect({ path: "/none" }, signal)).rejects.toThrow(/neither python3 nor perl, nor socat/);
  process.env.PATH = path;
});
