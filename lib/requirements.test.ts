import { expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { needs } from "./requirements.ts";

const environment = {
  capabilities: { istio: true, kubevirt: true, "two-nodes": "the cluster has 1 node" },
} as unknown as Pick<Environment, "capabilities">;

test.each([
  [[], { ok: true }],
  [["istio", "kubevirt"], { ok: true }],
  [["istio", "two-nodes"], { ok: false, reason: "needs `two-nodes`: the cluster has 1 node" }],
  [
    ["two-nodes", "multus"],
    {
      ok: false,
      reason: "needs `two-nodes`: the cluster has 1 node; needs `multus`: the cluster was not asked for it",
    },
  ],
] as const)("The needs %j are met, or every reason is told.", (list, expected) => {
  expect(needs(list, environment)).toEqual(expected);
});
