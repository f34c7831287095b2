import { loadRelease } from "../../lib/manifests.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Component, Target } from "./component.ts";

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  name: "gateways.gateway.networking.k8s.io",
};
const gatewayClass = { apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "istio" };

/**
 * The kinds of the Kubernetes Gateway API, only where a cluster has none: those that are there belong to somebody. Ready
 * when istiod has found them and accepted its own class.
 */
export const gatewayApi: Component = {
  name: "gateway-api",
  needs: ["istio"],
  provides: ["gateway-api"],
  namespaces: [],
  find: bundleVersion,
  lacks: ({ access }) =>
    access.manifests["gateway-api"] === undefined ? "the provider has no manifest of it" : undefined,
  async install({ kube, access }, signal) {
    const manifest = access.manifests["gateway-api"];
    if (manifest === undefined) throw environmentError("The provider has no manifest of the Gateway API.");
    await kube.apply(await loadRelease(manifest), { signal });
  },
  async prove({ kube }, signal) {
    if (!(await kube.serves(gatewayClass.apiVersion, gatewayClass.kind))) {
      return { capabilities: { "gateway-api": "the cluster's Gateway API is older than its version v1" } };
    }
    const what = "istiod has accepted GatewayClass `istio`";
    await eventually({ what, budgetMs: timeouts.componentReady, signal }, async () => {
      const found = await kube.get(gatewayClass);
      if (!found) throw new Error("there is no such class");
      type Status = { conditions?: { type: string; status: string; message?: string }[] };
      const accepted = ((found.status ?? {}) as Status).conditions?.find(({ type }) => type === "Accepted");
      if (accepted?.status !== "True") throw new Error(accepted?.message ?? "it has no condition `Accepted`");
    });
    return {};
  },
  version: async (target) => (await bundleVersion(target)) ?? "unknown",
};

/** As the definitions tell it themselves; `undefined` where there are none. */
async function bundleVersion({ kube }: Target): Promise<string | undefined> {
  const found = await kube.get(definition);
  return found && (found.metadata.annotations?.["gateway.networking.k8s.io/bundle-version"] ?? "unknown");
}
