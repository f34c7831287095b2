import { expect, test } from "vitest";
import type { Target } from "./component.ts";
import { countsRequests } from "./istio-metrics.ts";

/** A cluster of which only the configuration of the mesh is read. */
function clusterWith(mesh: string, word?: true | string): Target {
  const get = async ({ name }: { name: string }) => (name === "istio-1-31-1" ? { data: { mesh } } : undefined);
  const capabilities = word === undefined ? {} : { "istio-metrics": word };
  return { access: { capabilities }, kube: { get } } as unknown as Target;
}

test.each([
  ["with a provider of metrics", "defaultProviders: { metrics: [prometheus] }", true],
  ["that says nothing of providers, as old ones", "accessLogFile: /dev/stdout", true],
  ["without any", "defaultProviders: { metrics: [] }", "the mesh's configuration has no provider of metrics"],
])("A mesh %s: %s is %s.", async (_, mesh, expected) => {
  expect(await countsRequests(clusterWith(mesh), "1-31-1")).toBe(expected);
  expect(await countsRequests(clusterWith(mesh, true), "1-31-1")).toBe(expected);
});

test("What the provider says of its proxies counts.", async () => {
  const target = clusterWith("defaultProviders: { metrics: [prometheus] }", "Envoy's own build");
  expect(await countsRequests(target, "1-31-1")).toBe("Envoy's own build");
});
