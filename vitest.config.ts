import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Limits only end what hangs: a busy machine must not decide a test.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    globalSetup: ["test/support/build-cli.ts"],
    reporters: ["default", "./test/support/closing-line.ts"],
    watch: false,
    // Go then builds without a C compiler.
    env: { CGO_ENABLED: "0" },
  },
});
