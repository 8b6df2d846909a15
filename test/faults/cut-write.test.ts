import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { marked, processesGone } from "../support/processes.js";
import { scratch } from "../support/scratch.js";
import { startSshd } from "../support/sshd.js";

/** On the host: when it has done its work, it kills whoever is named in a file, and what follows in the script never comes. */
const dd = (folder: string): string => `#!/bin/sh
/usr/bin/dd "$@" || exit
[ ! -e ${folder}/victim ] || { kill -9 "$(cat ${folder}/victim)"; rm ${folder}/victim; sleep 60; }
`;

const runbook = (folder: string, to: string): string => `casebook: 1
title: A level in a file
steps:
  - log_level: { file: { path: ${folder}/conf, pattern: 'level=(\\w+)' }, to: ${to} }
    during: [{ run: "true" }]
`;

const before = "# what it says\nlevel=info\nport=80\n";

test.each([
  { to: "warning", cut: `${before}80\n` },
  { to: "dbg", cut: "# what it says\nlevel=dbg\nport=80\n\n" },
])("a file that was only half written with the level $to when casebook died is put back", async ({ to, cut }) => {
  const cwd = await scratch({ conf: before, "test.yaml": "" });
  writeFileSync(join(cwd, "test.yaml"), runbook(cwd, to));
  mkdirSync(join(cwd, "bin"));
  writeFileSync(join(cwd, "bin/dd"), dd(cwd));
  chmodSync(join(cwd, "bin/dd"), 0o755);
  await using sshd = await startSshd({ server: () => [`SetEnv SHLVL=2 PATH=${cwd}/bin:/usr/bin:/bin`] });
  const { mark, env } = marked();
  const args = [cli(), "run", "test.yaml", "--host", "box", "--allow", "perturb", "--out", "case"];
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...sshd.env, ...env }, stdio: "ignore" });
  const killed = once(child, "exit");
  writeFileSync(join(cwd, "victim"), String(child.pid));
  expect(await killed).toEqual([null, "SIGKILL"]);
  expect(await processesGone(mark)).toEqual([]);
  expect(readFileSync(join(cwd, "conf"), "utf8")).toBe(cut);
  const restored = await casebook(["restore", "case"], { cwd, env: sshd.env });
  expect(restored.code, restored.stdout).toBe(0);
  expect(readFileSync(join(cwd, "conf"), "utf8")).toBe(before);
});
