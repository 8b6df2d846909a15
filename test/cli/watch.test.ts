import { readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { caseJournal } from "../support/case-journal.js";
import { casebook } from "../support/casebook.js";
import { startCasebook } from "../support/running.js";
import { scratch } from "../support/scratch.js";

/** A runbook whose steps write their names to `ran`. */
const runbook = (more: Readonly<Record<string, string>> = {}): string => {
  const {
    one = "echo one >> ran; echo 1",
    three = 'echo three >> ran; echo "3 $first"',
    verdict = "1 == 1",
    last = "",
  } = more;
  return `casebook: 1
title: Watched
inputs: { word: { default: ${more.word ?? "hi"} } }
steps:
  - id: one
    run: ${one}
    save: { first: result.stdout }
  - id: two
    run: echo two >> ran
  - id: program
    start: { command: [sleep, "60"] }
    during:
      - id: inner
        run: echo inner >> ran
      - id: more
        run: ${more.more ?? "echo more >> ran"}
  - id: three
    run: ${three}
  - id: four
    run: echo four >> ran; echo "$word"
${last}verdict: [{ answer: fine, when: ${verdict} }]
`;
};

/** Starts a watch; gives what ran since it was asked last, each time that the watch waits again. */
function startWatch(cwd: string, args: readonly string[] = []) {
  const running = startCasebook(["watch", "a.yaml", "--allow", "perturb", ...args], cwd);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  let waits = 0;
  return {
    ...running,
    async waits(): Promise<string> {
      waits++;
      await running.says("to be saved; Ctrl-C ends\n", waits);
      const text = await readFile(join(cwd, "ran"), "utf8").catch(() => "");
      await rm(join(cwd, "ran"), { force: true });
      return text.trim().replaceAll("\n", " ");
    },
    async end(signal: NodeJS.Signals = "SIGINT") {
      running.child.kill(signal);
      return running.ended;
    },
  };
}

test("on saving, what changed runs and what depends on it; the rest is taken", async () => {
  const cwd = await scratch({ "a.yaml": runbook() });
  const save = (more: Parameters<typeof runbook>[0]) => writeFile(join(cwd, "a.yaml"), runbook(more));
  const { waits, end } = startWatch(cwd);
  expect(await waits()).toBe("one two inner more three four");
  await save({ one: "echo one >> ran; echo 2" });
  expect(await waits()).toBe("one three");
  const one = "echo one >> ran; echo 2";
  await save({ one, more: "echo more again >> ran" });
  expect(await waits()).toBe("inner more again");
  const more = "echo more again >> ran";
  await save({ one, more, word: "ho" });
  expect(await waits()).toBe("four");
  await save({ one, more, word: "ho", verdict: "1 == 2" });
  expect(await waits()).toBe("");
  await save({ one, more, word: "ho", verdict: "1 == 2", last: "  - { id: five, run: echo five >> ran }\n" });
  expect(await waits()).toBe("five");
  const ended = await end();
  expect(ended.code).toBe(0);
  expect(ended.stdout.match(/^(fine|undecided)(?=$|:)/gm)).toEqual([
    "fine",
    "fine",
    "fine",
    "fine",
    "undecided",
    "undecided",
  ]);
  expect(ended.stderr).toContain("casebook: runs again: one, three\n");
  expect(ended.stderr).toContain("casebook: no step has to run again; all are taken\n");

  const reports = [...ended.stdout.matchAll(/^report: (.*)\/report\.md$/gm)].map(([, folder = ""]) => folder);
  const second = await caseJournal(join(cwd, reports[1] ?? ""));
  expect(second.finished("three")).toMatchObject({ result: { stdout: "3 2" } });
  expect(second.finished("two")).toHaveProperty("taken");
  for (const folder of reports) expect((await casebook(["verify", folder], { cwd })).code).toBe(0);
});

test("a mistake shows its frame and waits on; a failed step runs again with its mending, and saving without a change tries again", async () => {
  const cwd = await scratch({ "a.yaml": runbook({ one: "echo one >> ran; cat given" }) });
  const save = (more: Parameters<typeof runbook>[0]) => writeFile(join(cwd, "a.yaml"), runbook(more));
  const { waits, end, says } = startWatch(cwd);
  expect(await waits()).toBe("one");
  await save({ one: "{ comand: 'true' }" });
  expect(await waits()).toBe("");
  await says('error: unknown key "comand"');
  await says('did you mean "command"?');
  await save({ one: "echo one >> ran; cat given" });
  expect(await waits()).toBe("one");
  await writeFile(join(cwd, "given"), "given");
  await save({ one: "echo one >> ran; cat given" });
  expect(await waits()).toBe("one two inner more three four");
  await save({ one: "echo one >> ran; cat given" });
  expect(await waits()).toBe("");
  expect((await end()).code).toBe(0);
});

test("an editor may put a new file in place, behind a link as well, and may take its time", async () => {
  const cwd = await scratch({ "real.yaml": runbook() });
  await symlink("real.yaml", join(cwd, "a.yaml"));
  const { waits, end } = startWatch(cwd);
  await waits();
  await writeFile(join(cwd, ".new"), runbook({ three: "echo three anew >> ran" }));
  await rename(join(cwd, ".new"), join(cwd, "real.yaml"));
  expect(await waits()).toBe("three anew");
  await rm(join(cwd, "real.yaml"));
  expect(await waits()).toBe("");
  await writeFile(join(cwd, "real.yaml"), runbook({ three: "echo three once more >> ran" }));
  expect(await waits()).toBe("three once more");
  const ended = await end("SIGTERM");
  expect(ended.code).toBe(143);
  expect(ended.stderr).toContain("expected a file, found nothing at a.yaml");
});

test("a runbook that is used is watched as well", async () => {
  const used = (text: string) => `casebook: 1\ntitle: Used\nsteps: [{ id: inner, run: "${text}" }]\n`;
  const cwd = await scratch({
    "a.yaml": `casebook: 1
title: Uses
steps:
  - id: one
    run: echo one >> ran
  - id: other
    use: { runbook: used.yaml }
`,
    "used.yaml": used("echo inner >> ran"),
  });
  const { waits, end } = startWatch(cwd);
  expect(await waits()).toBe("one inner");
  await writeFile(join(cwd, "used.yaml"), used("echo another >> ran"));
  expect(await waits()).toBe("another");
  await writeFile(join(cwd, "used.yaml"), used("echo another >> ran").replace("run:", "rum:"));
  expect(await waits()).toBe("");
  await writeFile(join(cwd, "used.yaml"), used("echo mended >> ran"));
  expect(await waits()).toBe("mended");
  expect((await end()).stderr).toContain("used.yaml:3:22: error: ");
});

test("it begins with a case, whose inputs count, and runs what has changed since", async () => {
  const cwd = await scratch({ "a.yaml": runbook() });
  const ran = await casebook(["run", "a.yaml", "--allow", "perturb", "--out", "then", "-i", "word=own"], { cwd });
  expect(ran.code, ran.stderr).toBe(0);
  await rm(join(cwd, "ran"));
  const same = startWatch(cwd, ["then"]);
  expect(await same.waits()).toBe("");
  const ended = await same.end();
  expect(ended).toMatchObject({ code: 0, stdout: "" });
  expect(ended.stderr).toContain("casebook: a.yaml is as it ran in then\n");

  await writeFile(join(cwd, "a.yaml"), runbook({ word: "other", three: "echo three >> ran; echo" }));
  const changed = startWatch(cwd, ["then"]);
  expect(await changed.waits()).toBe("three");
  await changed.end();
});

test("of the cases that it makes the newest stay, and those that a person has put something into", async () => {
  const cwd = await scratch({ "a.yaml": runbook() });
  const given = await casebook(["run", "a.yaml", "--allow", "perturb", "--out", "reports/given"], { cwd });
  expect(given.code, given.stderr).toBe(0);
  const cases = async () => (await readdir(join(cwd, "reports"))).filter((name) => name !== "given");
  const { waits, end } = startWatch(cwd, ["given", "--keep", "2"]);
  await waits();
  const seen: string[] = [];
  for (const word of ["a", "b", "c", "d"]) {
    await writeFile(join(cwd, "a.yaml"), runbook({ word }));
    await waits();
    const [fresh = ""] = (await cases()).filter((name) => !seen.includes(name));
    if (word === "a") await writeFile(join(cwd, "reports", fresh, "mine.txt"), "mine");
    seen.push(fresh);
  }
  await end();
  expect(new Set(seen).size).toBe(4);
  expect(await cases()).toEqual([seen[0], seen[2], seen[3]]);
  expect((await casebook(["verify", "given"], { cwd })).code).toBe(0);
});

test("Ctrl-C while steps run ends them and the watch, and everything is put back", async () => {
  const cwd = await scratch({ "a.yaml": runbook({ more: "echo begun; sleep 60" }) });
  const { says, end } = startWatch(cwd);
  await says("→   more\n");
  const ended = await end();
  expect(ended.code).toBe(130);
  expect(ended.stdout).toContain("interrupted at step more");
});

test.each([
  [["watch", "nowhere.yaml"], "expected a file, found nothing at nowhere.yaml"],
  [["watch", "a.yaml", "nowhere"], "expected a case folder"],
])("%j is a usage error", async (args, says) => {
  const ran = await casebook(args, { cwd: await scratch({ "a.yaml": runbook() }) });
  expect(ran).toMatchObject({ code: 64, stdout: "" });
  expect(ran.stderr).toContain(says);
});
