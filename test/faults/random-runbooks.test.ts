import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../../src/journal/read.js";
import { verifyCase } from "../../src/journal/verify.js";
import type { Event } from "../../src/model/event.js";
import { casebook } from "../support/casebook.js";
import { brokenInvariants } from "../support/journal-invariants.js";
import { marked, processesGone } from "../support/processes.js";
import { createRandom } from "../support/random.js";
import { randomRunbook } from "../support/random-runbook.js";
import { type End, runAndEnd } from "../support/run-and-end.js";
import { scratch } from "../support/scratch.js";

const count = Number(process.env.CASEBOOK_RUNBOOKS ?? 6);

test(`${count} runbooks made up by chance, interrupted or not, lose nothing and put everything back`, {
  timeout: 30_000 + count * 20_000,
}, async () => {
  const { seed, next } = createRandom();
  let interrupted = 0;
  let events = 0;
  for (let round = 0; round < count; round++) {
    const runbook = randomRunbook(next);
    const cwd = await scratch({ "chance.yaml": runbook.text, ...runbook.files });
    const end: End | null =
      next() < 0.5 ? null : { signal: "INT", after: 1 + Math.floor(next() * 12), delay: next() * 60 };
    const how = end === null ? "" : `, Ctrl-C ${Math.round(end.delay)} ms after line ${end.after}`;
    const where = `CASEBOOK_SEED=${seed}, round ${round}${how}\n${runbook.text}`;
    const { mark, env } = marked();
    const args = ["run", "chance.yaml", "--allow", "perturb", "--out", "case"];
    const ran = await runAndEnd(args, cwd, end, { ...env, NO_COLOR: "1" });

    const folder = join(cwd, "case");
    const journal: Event[] = [];
    for await (const event of readJournal(folder)) journal.push(event);
    expect(brokenInvariants(folder, journal, ran.code), `${where}\n${ran.stderr}`).toEqual([]);
    if (ran.code === 130) interrupted++;
    else expect(ran.code, `${where}\n${ran.stderr}`).toBe(runbook.fails ? 3 : 0);
    for (const [name, text] of Object.entries(runbook.files)) {
      expect(await readFile(join(cwd, name), "utf8"), `${where}\n${name}`).toBe(text);
    }
    expect(await processesGone(mark), where).toEqual([]);
    expect(await verifyCase(folder), where).toEqual([]);
    const report = await readFile(join(folder, "report.md"), "utf8");
    expect(report, where).toContain("# By chance");
    if (round === count - 1) {
      expect(await casebook(["verify", "case"], { cwd }), where).toMatchObject({ code: 0 });
      expect(await casebook(["report", "case"], { cwd }), where).toMatchObject({ code: 0 });
      expect(await readFile(join(folder, "report.md"), "utf8"), where).toBe(report);
    }
    events += journal.length;
  }
  console.log(`${count} runbooks, seed ${seed}: ${interrupted} were interrupted, ${events} events hold together`);
});
