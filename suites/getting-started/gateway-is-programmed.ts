import type { Fixtures } from "../../lib/test.ts";

/** Waits until istiod has made a gateway for a Gateway of the Gateway API, and it runs with its configuration. */
export async function gatewayIsProgrammed(
  name: string,
  { kube, pod, eventually, namespace }: Pick<Fixtures, "kube" | "pod" | "eventually" | "namespace">,
): Promise<void> {
  const made = `${name}-istio`;
  await eventually(`istiod has made the Deployment \`${made}\``, async () => {
    const found = await kube.get({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: made });
    if (!found) throw new Error("there is none");
  });
  const labelSelector = `gateway.networking.k8s.io/gateway-name=${name}`;
  const podName = await eventually(`\`${made}\` has a pod`, async () => {
    const [found] = await kube.list({ apiVersion: "v1", kind: "Pod", namespace, labelSelector });
    if (!found) throw new Error("it has none");
    return found.metadata.name;
  });
  await pod(podName);
  await eventually(`Gateway \`${name}\` is Programmed`, async () => {
    const ref = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", namespace, name };
    type Status = { conditions?: { type: string; status: string; message?: string }[] };
    const { conditions = [] } = ((await kube.get(ref))?.["status"] ?? {}) as Status;
    const programmed = conditions.find(({ type }) => type === "Programmed");
    if (programmed?.status !== "True") throw new Error(programmed?.message ?? "it has no such condition");
  });
}
