import { parseDocument } from "yaml";
import { inProcess } from "./in-process.mjs";
import { medians, time } from "./measure.mjs";
import { runbookOf } from "./workshop.mjs";

/**
 * Checking a large runbook, against the YAML parser alone in the same process.
 *
 * @type {import("./table.mjs").Measure}
 */
export async function* check(workshop) {
  const steps = Array.from({ length: 10_000 }, (_, index) => `- id: step_${index}\n    run: echo ${index}`);
  const text = runbookOf(...steps);
  const { load } = await inProcess(workshop, "check", source);
  const { checking, parsing } = await medians(5, {
    parsing: () => time(() => parseDocument(text)),
    checking: () => time(() => load(text)),
  });
  const peerName = "parseDocument alone";
  yield { work: "check of 10,000 steps", figure: checking, unit: "ms", peerName, peer: parsing, budget: 1.15 };
}

const source = `
import { loadRunbook } from "~/src/runbook/load.ts";
import { kindNames, loadKinds } from "~/src/steps/index.ts";
const kinds = await loadKinds(kindNames);
export const load = (text) => {
  const found = loadRunbook(text, "big.yaml", kinds);
  if (!found.ok) throw new Error(JSON.stringify(found));
};
`;
