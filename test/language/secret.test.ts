import { expect, test } from "vitest";
import { casebook, runText } from "../support/casebook.js";
import { scratch } from "../support/scratch.js";

const head = "casebook: 1\ntitle: A secret\ninputs: { token: { secret: true } }\n";

async function check(steps: string) {
  const cwd = await scratch({ "a.yaml": `${head}steps:\n${steps}` });
  return casebook(["check", "a.yaml"], { cwd });
}

test("a secret in an argument is a mistake, also under another name", async () => {
  const { code, stdout } = await check(`  - run: [echo, "{{token}}"]
  - { id: saved, run: x, save: { copy: token, longer: '"Bearer " + token' } }
  - run: [echo, "{{copy}}"]
  - run: [echo, "{{longer}}"]
  - { for_each: ["{{token}}"], run: [echo, "{{item}}"] }
  - { for_each: { one: "[token]" }, run: [echo, "{{one}}"] }
`);
  expect(code).toBe(65);
  expect(stdout.match(/\[secret-in-argv\]/g)).toHaveLength(5);
});

test("a secret in a variable that a shell keeps for itself is a mistake, as it would be an argument", async () => {
  const { code, stdout } = await check(`  - { run: x, env: { UID: "{{token}}" } }
  - { run: x, env: { LC_ALL: "a {{token}}" } }
  - { run: x, env: { LC_TOKEN: "{{token}}", TOKEN: "{{token}}", LC_ALL: C } }
`);
  expect(code).toBe(65);
  expect(stdout).toContain("expected no secret in UID, which a shell keeps for itself, found token");
  expect(stdout.match(/\[secret-in-argv\]/g)).toHaveLength(2);
});

test("what is only learned from it is none", async () => {
  const { code } = await check(`  - { id: saved, run: x, save: { long: size(token) > 20, much: size(token) } }
  - run: [echo, "{{long}}", "{{much}}"]
  - { for_each: ["{{token}}"], run: 'curl -H "Bearer: $item" -d @- "$much"' }
  - { for_each: [a], run: [echo, "{{item}}"] }
  - http: { post: "http://x/", headers: { A: "{{token}}" }, json: { a: "{{token}}" } }
    risk: disrupt
`);
  expect(code).toBe(0);
});

test("what looks for it where it was masked is unknown, not false", async () => {
  const ran = await runText(
    `${head}steps:
  - id: one
    run: { command: 'echo "Bearer $token"; echo other >&2', ok: [0] }
    save: { longer: '"Bearer " + token', same: result.stdout.contains(token) }
    expect:
      there: result.stdout.contains(token)
      absent: "!result.stdout.contains(token)"
      copied: result.stdout == longer
      listed: result.lines.exists(line, line.contains(token))
      elsewhere: result.stderr.contains(token)
      known: token != null && size(token) == 12 && result.exit_code == 0
      other: result.stdout.startsWith("Bearer")
  - { id: two, when: same == null, run: "true" }
  - { id: three, when: "!one.stdout.contains(token)", run: "true" }
`,
    ["-i", "token=abcdef012345"],
  );
  expect(Object.fromEntries(ran.of("expectation").map(({ name, holds }) => [name, holds]))).toEqual({
    there: null,
    absent: null,
    copied: null,
    listed: null,
    elsewhere: false,
    known: true,
    other: true,
  });
  expect(ran.of("expectation")[0]?.because).toBe(
    "a secret in result.stdout was masked, so that token cannot be looked for in it",
  );
  expect([ran.finished("two").outcome, ran.finished("three").outcome]).toEqual(["ok", "skipped"]);
});
