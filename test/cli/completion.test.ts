import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { openPane } from "../support/pane.js";
import { scratch } from "../support/scratch.js";

const execute = promisify(execFile);

const scripts = new Map<string, Promise<string>>();

async function scriptOf(shell: string): Promise<string> {
  const { code, stdout, stderr } = await casebook(["completion", shell]);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** A folder with what can be completed, and the script of a shell. */
async function place(shell: string): Promise<string> {
  const script = scripts.get(shell) ?? scriptOf(shell);
  scripts.set(shell, script);
  const book = "casebook: 1\ntitle: Test\ninputs: { port: { type: integer }, process: {} }\nsteps: [{ run: x }]\n";
  const cwd = await scratch({
    script: await script,
    "look.yaml": "",
    "look here.yaml": "",
    "look.txt": "",
    "book.yaml": book,
    casebook: `#!/bin/sh\nexec '${process.execPath}' '${cli()}' "$@"\n`,
  });
  await chmod(join(cwd, "casebook"), 0o755);
  await mkdir(join(cwd, ".ssh"));
  await writeFile(join(cwd, ".ssh/config"), "Host web1 web2\n  User me\nHost *.internal\n");
  await mkdir(join(cwd, "reports/20261125T184513Z-look"), { recursive: true });
  return cwd;
}

/** Where casebook is found, and whose home it is. */
const within = (cwd: string): NodeJS.ProcessEnv => ({ ...process.env, HOME: cwd, PATH: `${cwd}:${process.env.PATH}` });

/** What is typed, and some of what is offered and of what is not. */
const typed = [
  ["re", ["report", "rerun", "restore"], ["run"]],
  ["run --al", ["--allow"], ["--answer"]],
  ["run --allow ", ["observe", "perturb", "disrupt"], ["look.yaml"]],
  ["run a.yaml --progress l", ["live"], ["plain"]],
  ["run --template loo", ["look.txt", "look.yaml"], []],
  ["run loo", ["look.yaml"], ["look.txt"]],
  ["check look.yaml loo", ["look.yaml"], ["look.txt"]],
  ["verify 2026", ["20261125T184513Z-look"], ["look.yaml"]],
  ["kinds so", ["sockets"], ["run"]],
  ["completion f", ["fish"], ["bash"]],
  ["list rep", ["reports"], ["look.yaml"]],
  ["schema ", [], ["look.yaml"]],
  ["run book.yaml -i p", ["port=", "process="], ["look.yaml"]],
  ["run look.yaml -i ", [], ["port="]],
  ["run book.yaml --host ", ["local", "web1", "web2"], ["*.internal", "look.yaml"]],
] as const;

describe("bash", () => {
  test.each(typed)("completes casebook %s", async (words, offered, others) => {
    const cwd = await place("bash");
    const ask = `source ./script
read -ra COMP_WORDS <<<"casebook $1"
[[ $1 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_casebook
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await execute("bash", ["--norc", "-c", ask, "bash", words], { cwd, env: within(cwd) });
    const found = stdout.split("\n");
    expect(found).toEqual(expect.arrayContaining([...offered]));
    for (const other of others) expect(found).not.toContain(other);
  });

  test("keeps a name with a blank whole", async () => {
    const cwd = await place("bash");
    const pane = await openPane(["bash", "--norc"], cwd);
    await pane.press("source ./script; casebook() { printf '<%s>' \"$@\"; }", "Enter", "casebook check look\\ ", "Tab");
    await pane.shows(/look\\ here\.yaml$/);
    await pane.press("Enter");
    await pane.shows("<check><look here.yaml>");
  });
});

describe("fish", () => {
  test.each(typed)("completes casebook %s", async (words, offered, others) => {
    const cwd = await place("fish");
    const ask = ["--no-config", "-c", "source ./script; complete -C $argv[1]", `casebook ${words}`];
    const { stdout } = await execute("fish", ask, { cwd, env: within(cwd) });
    const found = stdout.split("\n").map((line) => line.replace(/\t.*/, "").replace(/\/$/, ""));
    expect(found).toEqual(expect.arrayContaining([...offered]));
    for (const other of others) expect(found).not.toContain(other);
  });
});

test("zsh completes them all", { timeout: 60_000 }, async () => {
  const cwd = await place("zsh");
  const pane = await openPane(["zsh", "-f"], cwd, { columns: 100, rows: 40 });
  const before =
    "PS1='> '; HOME=$PWD PATH=$PWD:$PATH; setopt list_packed no_auto_menu; autoload -Uz compinit; compinit -u -D; source ./script; clear";
  await pane.press(before, "Enter");
  await pane.shows(/^>$/);
  for (const [words, offered, others] of typed) {
    await pane.press("C-u", "C-l", `casebook ${words}`, "C-d");
    const listed = async () => {
      const [, ...rows] = (await pane.screen()).replace(/ -- .*$/gm, "").split("\n");
      return rows.join("\n").split(/[\s/]+/);
    };
    await pane.shows(`casebook ${words}`.trimEnd());
    await expect.poll(listed, { timeout: 20_000 }).toEqual(expect.arrayContaining([...offered]));
    const found = await listed();
    for (const other of others) expect(found, words).not.toContain(other);
  }
});

test("the script of a shell that is not known is a mistake of usage", async () => {
  const ran = await casebook(["completion", "tcsh"]);
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("Expected one of bash, zsh, fish");
});
