// SPDX-License-Identifier: Apache-2.0
// Run by tests/e2e/console_test.py, which starts the cloud and the device and says in STRATA_CONSOLE_TEST where they are.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests",
  outputDir: "../build/console/test-results",
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 300_000,
  expect: { timeout: 30_000 },
  reporter: "line",
  use: {
    baseURL: process.env.STRATA_CONSOLE_URL ?? "",
    // The cloud's own CA; that its certificate is right is the clients' tests' business.
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 860 },
    actionTimeout: 30_000,
    trace: "off",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--disable-gpu", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    },
  },
});
