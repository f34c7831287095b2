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
    "the versions and whose builds they were",
    { versions: "2021-blog", artifacts: "upstream" },
    undefined,
    "--provider lab --nodes 1 --versions 2021-blog --artifacts upstream --profile extended --seed 7",
  ],
  [
    "the cluster that is up",
    { cluster: "current" },
    "/c/environment.json",
    "--cluster current --profile extended --seed 7",
  ],
  [
    "what a cluster that is up was used with",
    { cluster: "current", versions: "2021-blog", artifacts: "upstream", as: "me" },
    "/c/environment.json",
    "--cluster current --versions 2021-blog --artifacts upstream --as me --profile extended --seed 7",
  ],
  [
    "a cluster by its file",
    { cluster: "my cluster's/e.json" },
    "/x/e.json",
    `--cluster 'my cluster'\\''s/e.json' --profile extended --seed 7`,
  ],
  [
    "a cluster that is there",
    { provider: "kubeconfig", install: ["istio", "kubevirt"], as: "me" },
    undefined,
    "--cluster kubeconfig --install istio --install kubevirt --as me --profile extended --seed 7",
  ],
  [
    "a cluster that is there by its kubeconfig",
    { provider: "kubeconfig", settings: { kubeconfig: { kubeconfig: "/k/config" } } },
    undefined,
    "--cluster /k/config --profile extended --seed 7",
  ],
  [
    "that every check was required",
    { requireAll: true },
    undefined,
    "--provider lab --nodes 1 --profile extended --require-all --seed 7",
  ],
  [
    "how often checks ran",
    { repeat: 3, retry: 1, untilFailure: true, failOnFlaky: true, shuffle: false },
    undefined,
    "--provider lab --nodes 1 --profile extended --repeat 3 --until-failure --retry 1 --fail-on-flaky --no-shuffle --seed 7",
  ],
  [
    "patterns, features and the part of a shard",
    { check: ["!/a|b/"], feature: ["!vm"], shard: "1/2" },
    undefined,
    "--provider lab --nodes 1 --profile extended --check '!/a|b/' --feature '!vm' --shard 1/2 --seed 7",
  ],
])("The command that repeats a run names %s", async ([, flags, existing, line]) => {
  expect(reproduceLine(await loadConfig(flags), 7, { existing })).toBe(`scripts/vmesh run ${line}`);
});

test("The command that repeats a run names its configuration file, if it was not `vmesh.yaml`.", async () => {
  expect(reproduceLine(await loadConfig({ nodes: 2 }), 7, { configFile: "my lab.yaml" })).toBe(
    "scripts/vmesh run --config 'my lab.yaml' --provider lab --nodes 2 --profile extended --seed 7",
  );
});
