// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/console/",
  cacheDir: "../build/console/vite",
  plugins: [react()],
  // Made by error-codes.mjs.
  resolve: { alias: { "@errors": fileURLToPath(new URL("../build/console/errors.json", import.meta.url)) } },
  build: {
    outDir: "../build/share/strata/console",
    emptyOutDir: true,
    target: "es2022",
    // Nothing inline: the server's policy (docs/spec/console.md) allows files of its own only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
