import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { loadEnvironment } from "../lib/environment.ts";
import { timeouts } from "../lib/timeouts.ts";
import { cacheFolder } from "../scripts/cluster-state.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Five projects: `unit` needs no cluster and is quick; `process` needs none either, but starts many programs, doubles
 * among them, or waits until a time is over, seconds a file; `browser` opens pages in Chromium; `conformance` runs checks
 * against the environment in `VMESH_ENVIRONMENT`, `VMESH_WORKERS` files at a time (4), 1 for the serial ones; `provider`
 * starts clusters of its own, one at a time, and builds into vmesh's cache what is not there yet.
 */
export default defineConfig(async () => {
  const path = process.env["VMESH_ENVIRONMENT"];
  const provide = path ? { environment: await loadEnvironment(path) } : {};
  return {
    test: {
      root,
      projects: [
        {
          test: {
            name: "unit",
            root,
            include: ["{lib,clusters,reports,scripts}/**/*.test.ts"],
            // They are the same wherever they run; what CI's variables do has tests of its own.
            env: { CI: "", GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: "" },
            exclude: ["**/*.{browser,contract,process}.test.ts"],
            // No unit test is about how quick it is, and on a busy machine a single one may take long.
            testTimeout: 30_000,
            hookTimeout: 30_000,
            // They share modules and leave no state in them; evaluating these anew for each file takes longer than the tests.
            isolate: false,
            pool: "threads" as const,
          },
        },
        {
          test: {
            name: "process",
            root,
            include: ["{lib,clusters,reports,scripts}/**/*.process.test.ts"],
            testTimeout: 120_000,
            hookTimeout: 120_000,
          },
        },
        { test: { name: "browser", root, include: ["reports/**/*.browser.test.ts"] } },
        {
          test: {
            name: "provider",
            root,
            include: ["clusters/**/*.contract.test.ts"],
            provide: { cacheDir: cacheFolder() },
            maxWorkers: 1,
            testTimeout: timeouts.goBuild,
            hookTimeout: timeouts.goBuild,
          },
        },
        {
          test: {
            name: "conformance",
            root,
            include: ["suites/**/*.test.ts"],
            provide,
            maxWorkers: Number(process.env["VMESH_WORKERS"] ?? 4),
            // Checks share nothing but modules; loading the Kubernetes client anew for each file costs a second.
            isolate: false,
            pool: "threads" as const,
          },
        },
      ],
    },
  };
});
