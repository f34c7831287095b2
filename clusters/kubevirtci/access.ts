import { parse } from "yaml";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import { connect, type Kube } from "../../lib/kube.ts";
import { eventually } from "../../lib/wait.ts";
import type { ClusterAccess } from "../provider.ts";
import { partsOf } from "../upstream/upstream-image.ts";
import type { VersionSet } from "../version-set.ts";
import type { TestImages } from "./test-images.ts";

export interface AccessOptions {
  kubeconfig: string;
  set: VersionSet;
  tag: string;
  images: TestImages;
  istioctl: string;
  manifests: ClusterAccess["manifests"];
  mirror: string | undefined;
}

/** What a cluster of kubevirtci's is like, with what comes from the version set and what the cluster itself says. */
export async function accessOf(options: AccessOptions): Promise<ClusterAccess> {
  const { kubeconfig, set, tag, images, istioctl, manifests, mirror } = options;
  const kube = connect(kubeconfig);
  const nodes = await nodesOf(kube);
  const version = z.object({ gitVersion: z.string() }).parse(JSON.parse(await kube.raw("/version")));
  const serviceSubnet = await serviceSubnetOf(kube);
  const twoNodes = nodes.length > 1 || "the cluster has one node; ask for two with `--nodes 2`";
  return {
    kubeconfig,
    nodes: nodes.map(({ name, address }) => ({ name, address })),
    capabilities: {
      "two-nodes": twoNodes,
      "live-migration": twoNodes,
      "external-host": "kubevirtci has no host outside the cluster that serves as the checks' endpoint",
      "eastwest-gateway":
        "kubevirtci installs no load balancer, and its nodes' addresses cannot be reached from this machine",
    },
    versions: { kubernetes: version.gitVersion, kubevirtci: tag, istio: set.versions["istio"] ?? "unknown" },
    images,
    install: "missing",
    parts: await partsOf(set, { mirror }),
    manifests,
    ...(serviceSubnet !== undefined && { serviceSubnet }),
    emulation: false,
    endpoints: {},
    machines: {},
    tools: { istioctl },
    timeScale: 1,
  };
}

/** Returns once the API server is ready and as many nodes are Ready as were asked for. */
export async function nodesReady(
  kubeconfig: string,
  nodes: number,
  { readySeconds, signal }: { readySeconds: number; signal: AbortSignal },
): Promise<void> {
  const what = `${nodes} nodes are Ready`;
  await eventually({ what, budgetMs: readySeconds * 1000, signal }, async () => {
    const kube = connect(kubeconfig);
    await kube.raw("/readyz", { signal });
    const all = await nodesOf(kube);
    const ready = all.filter((node) => node.ready);
    if (ready.length === nodes && all.length === nodes) return;
    const states = all.map(({ name, ready: isReady }) => `${name} ${isReady ? "Ready" : "not Ready"}`);
    throw environmentError(`${ready.length} of ${nodes} are: ${states.join(", ") || "there is none"}`);
  });
}

const nodeSchema = z.object({
  conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
});

async function nodesOf(kube: Kube): Promise<{ name: string; address: string; ready: boolean }[]> {
  const nodes = await kube.list({ apiVersion: "v1", kind: "Node" });
  return nodes.map(({ metadata, status }) => {
    const { conditions, addresses } = nodeSchema.parse(status ?? {});
    const ready = conditions.some(({ type, status: value }) => type === "Ready" && value === "True");
    const address = addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
    return { name: metadata.name, address, ready };
  });
}

/** The IPv4 range of the Services, as kubeadm noted it. */
async function serviceSubnetOf(kube: Kube): Promise<string | undefined> {
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "kubeadm-config" };
  const data = (await kube.get(ref))?.["data"] as { ClusterConfiguration?: string } | undefined;
  const schema = z.object({ networking: z.object({ serviceSubnet: z.string() }) });
  const found = schema.safeParse(parse(data?.ClusterConfiguration ?? ""));
  return found.data?.networking.serviceSubnet.split(",").find((range) => !range.includes(":"));
}
