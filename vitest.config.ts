import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["{agent,restore-tests,bench,test}/**/*.test.ts"],
    // Real programs, real disks: a slow machine is not a failure, a hang is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
export default config;
