import { expect, test } from "vitest";
import { type Flags, loadConfig } from "../lib/config.ts";
import { reproduceLine } from "./reproduce.ts";

test.for<[string, Flags, string | undefined, string]>([
  ["a new cluster", {}, undefined, "--provider lab --nodes 1 --profile extended --seed 7"],
  [
    "what was selected",
    { nodes: 2, profile: "core", check: ["a/x", "a/y"], tag: ["t"] },
    undefined,
    "--provider lab --nodes 2 --profile core --check a/x --check a/y --tag t --seed 7",
  ],
  [
    "the cluster that is up",
    { cluster: "current" },
    "/c/environment.json",
    "--cluster current --profile extended --seed 7",
  ],
  [
    "a cluster by its file",
    { cluster: "my cluster's/e.json" },
    "/x/e.json",
    `--cluster 'my cluster'\\''s/e.json' --profile extended --seed 7`,
  ],
  [
    "that every check was required",
    { requireAll: true },
    undefined,
    "--provider lab --nodes 1 --profile extended --require-all --seed 7",
  ],
])("The command that repeats a run names %s", async ([, flags, existing, line]) => {
  expect(reproduceLine(await loadConfig(flags), 7, existing)).toBe(`scripts/vmesh run ${line}`);
});
