import type { Kube } from "../../lib/kube.ts";

/** The configuration of the mesh as istiod of this revision reads it, YAML; empty where there is none. */
export async function meshConfigText(kube: Kube, revision: string): Promise<string> {
  const name = revision === "default" ? "istio" : `istio-${revision}`;
  const found = await kube.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "istio-system", name });
  return ((found?.["data"] ?? {}) as { mesh?: string }).mesh ?? "{}";
}
