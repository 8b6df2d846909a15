import { expect, test } from "vitest";
import { foldReport } from "../../src/report/fold.js";
import { renderHtml } from "../../src/report/html/render.js";
import { renderJson } from "../../src/report/json/render.js";
import { renderMarkdown } from "../../src/report/markdown/render.js";
import { largeCase, sampleKinds } from "../support/sample-events.js";

/** Milliseconds of the processor for all three reports, the best of some runs. */
async function time(steps: number, runs: number): Promise<number> {
  const { events, evidence } = largeCase(steps, 20);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const since = process.cpuUsage();
    const report = await foldReport(events, sampleKinds, evidence);
    for (const render of [renderHtml, renderMarkdown, renderJson]) render(report);
    const { user, system } = process.cpuUsage(since);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

test("the time for a report grows with its steps, not faster", { retry: 2 }, async () => {
  const small = await time(1000, 3);
  const large = await time(10_000, 1);
  const exponent = Math.log10(large / small);
  console.log(
    `1,000 steps ${Math.round(small)} ms, 10,000 steps ${Math.round(large)} ms, exponent ${exponent.toFixed(2)}`,
  );
  expect(exponent).toBeLessThanOrEqual(1.1);
});
