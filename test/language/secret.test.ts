import { expect, test } from "vitest";
import { casebook } from "../support/casebook.js";
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
