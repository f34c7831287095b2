import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "../../lib/kube.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { completeControlPlane, joinNode, multusAccess, startControlPlane, startFirstKubelet } from "./control-plane.ts";
import type { Node } from "./node.ts";
import { preparePodNetwork } from "./pod-network.ts";
import type { LabSettings } from "./settings.ts";

/**
 * Turns started node containers into a cluster and returns the administrator's kubeconfig once every node is Ready.
 * The first node is the control plane and takes pods like the others.
 */
export async function startKubernetes(
  nodes: readonly Node[],
  settings: LabSettings,
  options: { stateDir: string; log: Log; signal: AbortSignal },
): Promise<string> {
  const { stateDir, log, signal } = options;
  const [first, ...others] = nodes;
  if (!first) throw new TypeError("A cluster has at least one node.");
  const places = nodes.map((node, index) => ({ node, index }));
  await Promise.all(
    places.map(async (place) => {
      await place.node.supervise("containerd", ["containerd"]);
      await preparePodNetwork(place, places, settings);
    }),
  );
  const superAdmin = join(stateDir, "super-admin.conf");
  await writeFile(superAdmin, await startControlPlane(first, settings, signal), { mode: 0o600 });
  await startFirstKubelet(first, signal);
  await completeControlPlane(first, { superAdmin }, signal);
  log.info("the API server is ready");
  const multus = await multusAccess(first);
  await Promise.all(nodes.map((node) => node.write("/etc/cni/multus/kubeconfig", multus, "0600")));
  await Promise.all(others.map((node) => joinNode(node, first, signal)));
  await nodesReady(nodes, superAdmin, signal);
  return first.read("/etc/kubernetes/admin.conf");
}

async function nodesReady(nodes: readonly Node[], superAdmin: string, signal: AbortSignal): Promise<void> {
  const kube = connect(superAdmin);
  for (const [index, { name }] of nodes.entries()) {
    const what = `node \`${name}\` is Ready`;
    await eventually({ what, budgetMs: timeouts.nodeJoin, intervalMs: 250, signal }, async () => {
      const node = await kube.get({ apiVersion: "v1", kind: "Node", name });
      type Conditions = { conditions?: { type: string; status: string; message: string }[] };
      const ready = (node?.status as Conditions | undefined)?.conditions?.find(({ type }) => type === "Ready");
      if (ready?.status !== "True") throw new Error(ready?.message ?? "it is not registered");
    });
    // KubeVirt's operator and its jobs look for this label.
    const roles = index === 0 ? { "node-role.kubernetes.io/control-plane": "" } : {};
    await kube.patch({ apiVersion: "v1", kind: "Node", name }, { metadata: { labels: roles } });
  }
}
