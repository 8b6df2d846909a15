import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { casebook, cli } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

test("--version and -V print the version, also beside other words", async () => {
  for (const args of [["--version"], ["-V"], ["check", "--version"]]) {
    expect(await casebook(args)).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  }
});

test("help lists every command and goes to standard output", async () => {
  const ran = await casebook(["--help"]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  for (const name of ["run", "plan", "check", "report", "list", "kinds", "new", "schema"]) {
    expect(ran.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  }
});

test("help of a command shows its own options", async () => {
  for (const args of [
    ["help", "run"],
    ["run", "--help"],
  ]) {
    const ran = await casebook(args);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    for (const option of ["-i <name=value>", "--inputs", "--allow", "--out", "--timeout", "--events"]) {
      expect(ran.stdout).toContain(option);
    }
  }
});

const mistakes: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [[], /Usage: casebook/],
  [["chekc"], /unknown command 'chekc'[\s\S]*Did you mean check\?/],
  [["check"], /missing required argument 'runbook'/],
  [["check", "--jsno", "a.yaml"], /unknown option '--jsno'[\s\S]*Did you mean --json\?/],
  [["run"], /missing required argument 'runbook'/],
  [["run", "a.yaml", "--allow", "distrupt"], /did you mean "disrupt"\?/],
  [["run", "a.yaml", "--timeout", "10"], /Expected a duration/],
  [["run", "a.yaml", "--timeout", "0s"], /Expected a duration/],
  [["run", "a.yaml", "--timeout", "60d"], /Expected a duration/],
  [["run", "a.yaml", "--format", "md,htm"], /did you mean "html"\?/],
  [["run", "a.yaml", "--progress", "loud"], /Expected one of/],
  [["watch", "a.yaml", "--keep", "0"], /Expected a whole number from 1/],
  [["run", "a.yaml", "b.yaml"], /too many arguments/],
  [["run", "nowhere.yaml"], /expected a file, found nothing at nowhere\.yaml/],
  [["run", "/"], /expected a file, found a folder/],
  [["run", "runbooks/go-random-port.yaml", "--host", "ftp://box"], /--host: expected a host such as local/],
  [
    ["run", "runbooks/go-random-port.yaml", "--host", "local", "--host", ""],
    /--host: expected a host .* found nothing/,
  ],
  [["run", "runbooks/go-random-port.yaml", "--host", "docker://"], /expected a host such as docker:\/\/container/],
  [["run", "runbooks/go-random-port.yaml", "--host", "docker://--x"], /expected a host such as docker:\/\/container/],
  [
    ["run", "runbooks/go-random-port.yaml", "--host", "kubectl://web"],
    /expected a host such as kubectl:\/\/namespace\/pod/,
  ],
  [["doctor", "--host", "local://x"], /--host: expected a host such as local/],
  [["plan", "nowhere.yaml"], /expected a file, found nothing/],
  [["report", "/nowhere"], /expected a case folder/],
  [["report", "/tmp"], /expected a case folder/],
  [["list", "/nowhere"], /found nothing at \/nowhere/],
  [["kinds", "htpt"], /expected a step kind, found "htpt": did you mean "http"\?/],
  [["kinds", "\u001b[31mred"], /expected a step kind/],
  [["new", "runbook.yml"], /ends in \.yaml/],
  [["new", "/nowhere/at/all.yaml"], /does not exist/],
];

test.each(mistakes)("%j is a mistake of usage and says what to do", async (args, says) => {
  const ran = await casebook(args);
  expect(ran.code).toBe(64);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toMatch(says);
  expect(ran.stderr).not.toContain("\u001b");
  expect(ran.stderr).not.toMatch(/\n\s+at /);
});

test("a reader who leaves early is no error", async () => {
  const child = spawn(process.execPath, [cli(), "schema"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(stderr).toBe("");
});

test("a folder that is gone is no bug", async () => {
  const cwd = await scratch({});
  const gone = `cd "$1" && rmdir "$1" && exec "$2" "$3" kinds`;
  const ran = spawnSync("/bin/sh", ["-c", gone, "sh", cwd, process.execPath, cli()], { encoding: "utf8" });
  expect(ran).toMatchObject({ status: 64, stdout: "" });
  expect(ran.stderr).toBe("casebook: the folder that it was started in does not exist any more; go to another\n");
});

test("it works in an account without a name and without a home", async () => {
  const ran = await casebook(["kinds"], { env: { HOME: "", USER: "", LANG: "C" } });
  expect(ran).toMatchObject({ code: 0, stderr: "" });
});
