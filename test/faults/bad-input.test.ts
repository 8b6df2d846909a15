import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { casebook, cli, runText } from "../support/casebook.js";
import { scratchSync } from "../support/scratch.js";

const head = "casebook: 1\ntitle: Bad input\n";

describe("a runbook", () => {
  test("that does not exist ends with 64 and its name", async () => {
    const ran = await casebook(["run", "/nowhere/at-all.yaml"]);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain("/nowhere/at-all.yaml");
  });

  test("of 100 MB is refused at once", async () => {
    const file = join(scratchSync(), "big.yaml");
    writeFileSync(file, `${head}steps:\n${"  - run: 'true'\n".repeat(6_700_000)}`);
    const since = performance.now();
    const ran = await casebook(["check", file]);
    expect(ran.code).toBe(65);
    expect(ran.stdout + ran.stderr).toMatch(/4 MiB|4194304/);
    expect(performance.now() - since).toBeLessThan(5000);
  });

  test("nested 10,000 levels deep is refused with a place", async () => {
    const file = join(scratchSync(), "deep.yaml");
    writeFileSync(file, `${head}steps: ${"[".repeat(10_000)}${"]".repeat(10_000)}\n`);
    const ran = await casebook(["check", file]);
    expect(ran.code).toBe(65);
    expect(ran.stdout + ran.stderr).toMatch(/deep\.yaml:3:\d+/);
  });

  test("that is no UTF-8 is refused with the place of the first such byte", async () => {
    const file = join(scratchSync(), "latin.yaml");
    writeFileSync(
      file,
      Buffer.concat([Buffer.from("casebook: 1\ntitle: \uFFFD ä "), Buffer.from([0xff]), Buffer.from("\n")]),
    );
    const ran = await casebook(["check", file]);
    expect(ran.code).toBe(65);
    expect(ran.stdout).toMatch(/latin\.yaml:2:12: error: expected a text in UTF-8/);
  });

  test("with an id that no file name could hold runs all the same", async () => {
    const id = "a".repeat(300);
    const ran = await runText(`${head}steps: [{ id: ${id}, run: echo x }]\n`);
    expect(ran.code).toBe(0);
    expect(ran.of("captured")[0]?.evidence.path.length).toBeLessThan(200);
  });

  test("with ten different mistakes shows ten frames", async () => {
    const file = join(scratchSync(), "ten.yaml");
    writeFileSync(
      file,
      `casebook: 1
title: Ten mistakes
titel: again
inputs:
  port: { type: integr }
  host: { default: a }
steps:
  - { id: one, runn: echo }
  - { id: two, run: "echo {{host}}" }
  - { id: three, run: echo, http: { get: "http://x" } }
  - { id: four, sockets: { prot: 80 } }
  - { id: five, run: echo, expect: { a: result.exitcode == 0 } }
  - { id: six, run: echo, when: hots == "a" }
  - { id: seven, run: echo, timeout: soon }
  - { id: eight, run: echo, expect: { b: "1 +" } }
`,
    );
    const ran = await casebook(["check", file]);
    expect(ran.code).toBe(65);
    const frames = ran.stdout.match(/ten\.yaml:\d+:\d+/g) ?? [];
    expect(new Set(frames).size).toBe(10);
    expect(ran.stdout).toMatch(/10 mistakes/);
    for (const near of ["title", "integer", "run", "exit_code", "host"]) expect(ran.stdout).toContain(near);
  });
});

describe("a host", () => {
  test("that lacks a tool ends the run before it starts, with 69 and the remedy", async () => {
    const ran = await runText(
      `${head}steps: [{ delve: { exec: [/bin/true] }, during: [{ debug: [continue] }] }]\n`,
      ["--allow", "perturb"],
      {
        env: { PATH: "/usr/sbin:/sbin", NODE: process.execPath },
      },
    );
    expect(ran.code).toBe(69);
    expect(ran.stderr).toMatch(/dlv.*apt-get install delve/s);
    expect(ran.events).toEqual([]);
  });

  test.each([
    ["start", '{ start: { command: [sleep, "5"], cwd: /nowhere }, during: [{ run: "true" }] }'],
    ["run with a secret", "{ run: { command: 'echo $token', cwd: /nowhere } }"],
    ["delve", "{ delve: { exec: [/bin/true], cwd: /nowhere }, during: [{ debug: [continue] }] }"],
  ])("without the folder that a step is to work in fails that step: %s", async (_, step) => {
    const text = `${head}inputs: { token: { secret: true } }\nsteps: [${step}]\n`;
    const ran = await runText(text, ["-i", "token=not-to-be-seen", "--allow", "perturb"]);
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.of("step-finished").at(-1)?.reason).toContain("/nowhere");
  });

  test("that has no account for the number of its user runs all the same", async () => {
    const folder = scratchSync();
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "a.yaml"), `${head}steps: [{ run: id -u }]\n`);
    const args = ["--reuid=54321", "--clear-groups", process.execPath, cli(), "run", "a.yaml", "--out", "case"];
    const { stderr } = spawnSync("setpriv", args, { cwd: folder, encoding: "utf8" });
    expect(stderr, stderr).not.toContain("bug in casebook");
    expect(readFileSync(join(folder, "case/report.md"), "utf8")).toContain("54321");
  });

  test("whose output path cannot be written ends the run with 69", async () => {
    const file = join(scratchSync(), "a.yaml");
    writeFileSync(file, `${head}steps: [{ run: "true" }]\n`);
    const ran = await casebook(["run", file, "--out", "/proc/nothing/here"]);
    expect(ran.code).toBe(69);
    expect(ran.stderr).toContain("/proc/nothing/here");
  });

  test("whose disk is full ends the run, puts back and keeps what was captured", async () => {
    const small = scratchSync();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", small]);
    onTestFinished(() => void execFileSync("umount", [small]));
    const file = join(scratchSync(), "full.yaml");
    writeFileSync(
      file,
      `${head}steps:
  - id: program
    start: { command: [sleep, "60"] }
    during: [{ id: fills, run: "echo first; head -c 20000000 /dev/zero" }, { id: never, run: "true" }]
`,
    );
    const folder = join(small, "case");
    const ran = await casebook(["run", file, "--out", folder, "--allow", "perturb"]);
    expect(ran.code).toBe(3);
    expect(ran.stderr + ran.stdout).toMatch(/space|full/);
    const journal = readFileSync(join(folder, "journal.ndjson"), "utf8");
    expect(journal).toContain('"type":"change-undone"');
    expect(journal).toContain('"type":"run-finished"');
    expect(journal).not.toMatch(/"type":"step-started","step":"never"/);
    expect(journal).toMatch(/"type":"captured","step":"fills",[^\n]*"truncated":true,"why":"the disk [^"]* is full"/);
    expect(statSync(join(folder, "evidence")).isDirectory()).toBe(true);
  });
});

describe("output", () => {
  test("without an end is cut off by the step's timeout, and what came is kept", async () => {
    const ran = await runText(`${head}steps: [{ id: endless, run: "yes", timeout: 300ms }]\n`);
    expect(ran.code).toBe(3);
    expect(ran.finished("endless").reason).toContain("timed out");
    expect(ran.of("captured")[0]?.evidence.bytes).toBeGreaterThan(1000);
    expect(statSync(join(ran.folder, "report.html")).size).toBeLessThan(5_000_000);
  });

  test("that is binary is kept byte for byte", async () => {
    const ran = await runText(`${head}steps: [{ id: binary, run: "printf '\\\\000\\\\377\\\\200abc\\\\n'" }]\n`);
    expect(ran.code).toBe(0);
    const { evidence } = ran.of("captured")[0] ?? { evidence: { path: "" } };
    expect(readFileSync(join(ran.folder, evidence.path))).toEqual(Buffer.from([0, 255, 128, 97, 98, 99, 10]));
  });

  test("that is hostile to Markdown, HTML and terminals stays text", async () => {
    const hostile =
      "````\n# not a heading\n</pre><script>alert(1)</script>\n\u001b[31mred\u001b]0;title\u0007 \u202eevil\n![x](http://x/y.png)";
    const ran = await runText(
      `${head}inputs: { text: {} }\nsteps: [{ id: shown, title: "{{text}}", run: 'printf %s "$text"' }]\n`,
      ["-i", `text=${hostile}`],
    );
    expect(ran.code).toBe(0);
    const html = await ran.report("html");
    expect(html).not.toContain("<script>alert");
    expect(html).not.toContain("<img");
    const control = /[^\P{Cc}\n\t]|[\u202a-\u202e]/u;
    expect(html).not.toMatch(control);
    expect(await ran.report("md")).not.toMatch(control);
    expect(ran.stderr + ran.stdout).not.toMatch(control);
  });

  test("is matched in linear time, whatever the pattern", async () => {
    const ran = await runText(
      `${head}steps: [{ id: one, run: { command: "printf '%040d!' 0 | tr 0 a", parse: '(?P<all>(a+)+)$' } }]\n`,
    );
    expect(ran.code).toBe(0);
    expect(ran.finished("one").milliseconds).toBeLessThan(20_000);
  });
});

describe("values", () => {
  test("never become shell code", async () => {
    const evil = '\'; touch /tmp/casebook-pwned; echo "$(id)" `id` \\ \n$HOME';
    const ran = await runText(
      `${head}inputs: { text: {} }\nsteps: [{ id: one, run: 'printf %s "$text"' }, { id: two, run: [printf, "%s", "{{text}}"] }]\n`,
      ["-i", `text=${evil}`],
    );
    expect(ran.code).toBe(0);
    for (const step of ["one", "two"]) expect(ran.finished(step).result).toMatchObject({ stdout: evil });
  });

  test("that are secret never reach the disk, in whatever form", async () => {
    const secret = 'pa"ss wörd/+=&%1';
    const ran = await runText(
      `${head}inputs: { token: { secret: true } }
steps:
  - { id: one, run: 'printf "%s\\n" "$token"; printf %s "$token" | base64; printf "user:%s" "$token" | base64 -w0' }
  - { id: two, env: { TOKEN: "{{token}}" }, run: 'printf %s "$TOKEN" | head -c 7; sleep 0.1; printf %s "$TOKEN" | tail -c +8' }
`,
      ["-i", `token=${secret}`],
    );
    expect(ran.code).toBe(0);
    const all = execFileSync("grep", ["-r", "", ran.folder, "-h", "-a"], { maxBuffer: 1e9 }).toString();
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64").slice(0, -4),
    ]) {
      expect(all).not.toContain(form);
    }
    expect(all).toContain("[masked:token]");
    expect(ran.stdout + ran.stderr).not.toContain(secret);
    expect(ran.of("run-finished")[0]?.redactions.token).toBeGreaterThan(2);
  });
});
