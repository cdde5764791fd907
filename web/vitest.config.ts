import { defineConfig } from "vitest/config";

// eslint-disable-next-line no-restricted-exports -- the runner reads its settings from the default export
export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // Two slow cores are what everyone has; more threads only wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    passWithNoTests: false,
    allowOnly: false,
    sequence: { shuffle: true },
  },
});
