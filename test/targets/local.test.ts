import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectTarget } from "../../src/targets/index.js";
import { scratch } from "../support/scratch.js";
import { keepsTheContract } from "../support/target-contract.js";

const open = (folder: string) => connectTarget("local", { signal: AbortSignal.timeout(30_000), scratch: folder });

keepsTheContract(open, { hands: true });

test("a full disk leaves a file that was to grow as it was", async () => {
  const folder = await scratch();
  await using target = await open(folder);
  const small = join(folder, "small");
  mkdirSync(small);
  chmodSync(folder, 0o711);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", small]);
  try {
    const file = join(small, "config");
    const text = `level=info\n${"#".repeat(8192 - 11)}`;
    writeFileSync(file, text, { mode: 0o666 });
    chownSync(file, 65_534, 65_534);
    expect(() => writeFileSync(join(small, "fills"), Buffer.alloc(100_000))).toThrow("ENOSPC");
    const longer = Buffer.from(text.replace("info", "debug2"));
    for (const who of [target, target.as("nobody")]) {
      await expect(who.write(file, longer, AbortSignal.timeout(30_000))).rejects.toMatchObject({ code: "ENOSPC" });
      expect(readFileSync(file, "utf8")).toBe(text);
    }
  } finally {
    execFileSync("umount", [small]);
  }
});
