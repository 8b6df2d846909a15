import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { cli } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const rounds = 16;

test(`a Ctrl-C that comes when the verdict is told changes nothing: ${rounds} times`, { timeout: 60_000 }, async () => {
  const cwd = await scratch({ "a.yaml": 'casebook: 1\ntitle: Late\nsteps: [{ run: "exit 1" }]\n' });
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [cli(), "run", "a.yaml", "--out", `case-${round}`], {
      cwd,
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.stdout.on("data", () => void setTimeout(() => child.kill("SIGINT"), round / 4));
    expect(await once(child, "exit"), `round ${round}`).toEqual([3, null]);
  }
});
