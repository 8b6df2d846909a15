import { describe, expect, it } from "vitest";
import { plan } from "../../src/runbook/plan.js";
import { around, load } from "./check.js";

const runbook = load(
  around(
    `  - run: echo "$who"
    title: Who is {{who}}?
    risk: perturb
  - id: outer
    watch: {}
    during:
      - run: [kill, "{{outer.pid}}", "{{who}}"]
        for_each: { n: names }
        when: size(names) > 0
        retry: { times: 1 }
        become: true
`,
    "inputs: { who: { default: me }, names: { type: list, optional: true } }\n",
  ).replace("        retry: { times: 1 }\n", ""),
);

describe("a plan", () => {
  it("lists all steps in the order of the text, with their depth and keys", () => {
    const { steps } = plan(runbook, new Map());
    expect(steps.map(({ key, depth, line, kind }) => [key, depth, line, kind])).toEqual([
      ["run-1", 0, 5, "run"],
      ["outer", 0, 8, "watch"],
      ["run-3", 1, 11, "run"],
    ]);
  });

  it("shows values that are known, and names for the rest", () => {
    const { steps } = plan(runbook, new Map([["who", "you"]]));
    expect(steps.map(({ title }) => title)).toEqual(["Who is you?", null, null]);
    expect(steps[2]?.commands).toEqual(['["kill","‹outer.pid›","you"]']);
    expect(steps[2]?.forEach).toEqual({ name: "n", list: "‹names›" });
    expect(steps[2]?.become).toBe("root");
    expect(steps[2]?.when).toBe("size(names) > 0");
  });

  it("tells a declared risk from the kind's own; the runbook's is the highest", () => {
    const planned = plan(runbook, new Map());
    expect(planned.steps.map(({ risk, ownRisk, riskDeclared }) => [risk, ownRisk, riskDeclared])).toEqual([
      ["perturb", "observe", true],
      ["perturb", "perturb", false],
      ["observe", "observe", false],
    ]);
    expect(planned.risk).toBe("perturb");
  });

  it("says what is changed and how it is undone, and which tools are needed, each once", () => {
    const planned = plan(runbook, new Map());
    expect(planned.steps[1]?.changes).toEqual([{ what: "a watch is set", undo: "it is removed" }]);
    expect(planned.tools).toEqual([{ any: ["sh"], packages: ["dash"], why: "to run it" }]);
  });
});
