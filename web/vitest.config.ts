import { defineConfig } from "vitest/config";

import { checks } from "./packages/sdk/test/support/checks.ts";

const SDK = "packages/sdk/test/**/*.test.ts";

// eslint-disable-next-line no-restricted-exports -- the runner reads its settings from the default export
export default defineConfig({
  test: {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // Two slow cores are what everyone has; more threads only wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    passWithNoTests: false,
    allowOnly: false,
    sequence: { shuffle: true },
    projects: [
      {
        extends: true,
        test: { name: "alone", include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts"], exclude: [SDK] },
      },
      {
        // The SDK is played against a real server, and its checks can be switched off.
        extends: true,
        plugins: [checks(import.meta.dirname)],
        test: { name: "sdk", include: [SDK], globalSetup: ["packages/sdk/test/support/server.ts"] },
      },
    ],
  },
});
