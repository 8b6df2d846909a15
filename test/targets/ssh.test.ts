import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { connectTarget } from "../../src/targets/index.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { keepsTheContract } from "../support/target-contract.js";

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

/** A folder of all programs but some. */
function programsBut(without: readonly string[], inside: string): string {
  const folder = join(inside, "programs");
  mkdirSync(folder);
  for (const name of readdirSync("/usr/bin")) {
    if (!without.includes(name)) symlinkSync(join("/usr/bin", name), join(folder, name));
  }
  return folder;
}
