import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Ends the output with `N passed, N failed, N skipped` and the reasons of what was skipped. With CASEBOOK_NO_SKIP, a
 * skipped test fails the run: on a machine that is set up for the tests, nothing may be left out.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + errors.length;
    const skipped = tests.filter((test) => test.result().state === "skipped");
    for (const test of skipped) {
      const why = reason(test);
      if (why !== null) console.log(`skipped: ${test.fullName} (${why})`);
    }
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed, ${skipped.length} skipped`);
    if (skipped.length > 0 && process.env.CASEBOOK_NO_SKIP) {
      console.log("CASEBOOK_NO_SKIP is set: a skipped test counts as a failure");
      process.exitCode = 1;
    }
  }
}

/** null for a test that was not asked for. */
function reason(test: TestCase): string | null {
  const result = test.result();
  return result.state === "skipped" ? (result.note ?? null) : null;
}
