import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { casebook } from "./support/casebook.js";
import { scratch } from "./support/scratch.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = await readFile(join(root, "README.md"), "utf8");

test("the runbook that README shows has no mistakes, and answers for a port that somebody else holds", async () => {
  const [, runbook = ""] = /^```yaml\n(casebook: 1\n.*?)^```$/ms.exec(readme) ?? [];
  const folder = await scratch({ "who-listens.yaml": runbook });
  expect(await casebook(["check", "who-listens.yaml"], { cwd: folder })).toMatchObject({ code: 0, stderr: "" });

  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  const ran = await casebook(["run", "who-listens.yaml", "-i", `port=${port}`, "-i", "expected=nginx"], {
    cwd: folder,
  });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain(`somebody_else: Listening on ${port}: `);
});

test("the two commands of README that set all up are those of the package and of the gate", async () => {
  expect(readme).toMatch(/^npm ci && npm run demo\b/m);
  expect(readme).toMatch(/^npm ci && npm test\b/m);
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect(scripts).toMatchObject({ predemo: expect.stringContaining("setup.mjs demo"), demo: expect.anything() });
  expect(scripts).toMatchObject({ pretest: expect.stringContaining("setup.mjs test"), test: expect.anything() });
  const gate = await readFile(join(root, ".ci/run"), "utf8");
  expect(gate).toMatch(/^npm ci$/m);
  expect(gate).toMatch(/^npm test$/m);
});
