import { parse, parseAllDocuments, stringify } from "yaml";
import { environmentError } from "../../lib/errors.ts";
import { connect } from "../../lib/kube.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Node } from "./node.ts";
import { addressOf, type LabSettings } from "./settings.ts";
import { versions } from "./versions.ts";

const CONFIG = "/etc/kubernetes/kubeadm.yaml";
/** By this kubeadm chooses flags: Debian has 3.5, which lacks those of the 3.6 that Kubernetes 1.34 comes with. */
const ETCD = "3.5.16-0";
const PROGRAMS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/**
 * Makes the node the cluster's control plane and returns the administrator's kubeconfig. kubeadm writes certificates,
 * kubeconfigs and static pod manifests; the programs then run as plain processes with the command lines of those
 * manifests, so that no image of them is needed.
 */
export async function startControlPlane(node: Node, settings: LabSettings, signal: AbortSignal): Promise<string> {
  await node.write(CONFIG, kubeadmConfig(node, settings));
  const phases = ["certs all", "kubeconfig all", "etcd local", "control-plane all"];
  await node.sh(phases.map((phase) => `kubeadm init phase ${phase} --config ${CONFIG}`).join("\n"), { signal });
  for (const program of PROGRAMS) {
    const path = `/etc/kubernetes/manifests/${program}.yaml`;
    await node.supervise(program, commandOf(await node.read(path), path));
    // A kubelet would start what it finds there as pods.
    await node.sh(`rm ${path}`);
  }
  return node.read("/etc/kubernetes/super-admin.conf");
}

/** Waits for the API server, grants the administrators' group its rights and opens the cluster for further nodes. */
export async function completeControlPlane(
  node: Node,
  kubeconfigs: { superAdmin: string },
  signal: AbortSignal,
): Promise<void> {
  const kube = connect(kubeconfigs.superAdmin);
  await eventually(
    { what: "the API server is ready", budgetMs: timeouts.apiServerReady, intervalMs: 250, signal },
    () => kube.raw("/readyz"),
  );
  await kube.apply(clusterRoles, { signal });
  const phases = ["upload-config all", "bootstrap-token"];
  await node.sh(phases.map((phase) => `kubeadm init phase ${phase} --config ${CONFIG}`).join("\n"), { signal });
}

/** Starts kubelet and kube-proxy of the first node. */
export async function startFirstKubelet(node: Node, signal: AbortSignal): Promise<void> {
  // kubeadm also asks systemd to start the kubelet; there is none, it says so and goes on.
  await node.sh(`kubeadm init phase kubelet-start --config ${CONFIG}`, { signal });
  await superviseKubelet(node);
}

/** A kubeconfig of the user `multus`, by which the CNI plugin of a node reads pods and attachment definitions. */
export async function multusAccess(controlPlane: Node): Promise<string> {
  const { stdout } = await controlPlane.sh(
    `kubeadm kubeconfig user --client-name multus --config ${CONFIG} 2>/dev/null`,
  );
  return stdout;
}

/** Joins a further node with a bootstrap token of the control plane. */
export async function joinNode(node: Node, controlPlane: Node, signal: AbortSignal): Promise<void> {
  const { stdout } = await controlPlane.sh("kubeadm token create --print-join-command", { signal });
  const join = stdout.trim().split("\n").at(-1) ?? "";
  if (!join.startsWith("kubeadm join "))
    throw environmentError("kubeadm printed no join command.", { evidence: stdout });
  // `kubeadm join` waits for a kubelet with the bootstrap file it has just written: that one is ours to start.
  const waitAndStart = `until [ -s /var/lib/kubelet/kubeadm-flags.env ]; do sleep 0.1; done; ${kubeletCommand}`;
  await node.supervise("kubelet", ["sh", "-c", waitAndStart]);
  await node.sh(`${join} --node-name ${node.name} --ignore-preflight-errors=all`, {
    signal,
    timeoutMs: timeouts.nodeJoin,
  });
  await superviseProxy(node);
}

const kubeletCommand =
  ". /var/lib/kubelet/kubeadm-flags.env; exec kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf" +
  " --kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml $KUBELET_KUBEADM_ARGS";

async function superviseKubelet(node: Node): Promise<void> {
  await node.supervise("kubelet", ["sh", "-c", kubeletCommand]);
  await superviseProxy(node);
}

async function superviseProxy(node: Node): Promise<void> {
  const config = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: node.name,
    clientConnection: { kubeconfig: "/etc/kubernetes/kubelet.conf" },
    // The connection table belongs to the host; its size is not a node's to change.
    conntrack: { maxPerCore: 0, min: 0 },
    iptables: { minSyncPeriod: "200ms" },
  };
  await node.write("/etc/kubernetes/kube-proxy.yaml", stringify(config));
  const start =
    "until [ -s /etc/kubernetes/kubelet.conf ]; do sleep 0.1; done; exec kube-proxy --config=/etc/kubernetes/kube-proxy.yaml";
  await node.supervise("kube-proxy", ["sh", "-c", start]);
}

function commandOf(manifest: string, path: string): string[] {
  const command: unknown = parse(manifest)?.spec?.containers?.[0]?.command;
  if (!Array.isArray(command))
    throw environmentError(`kubeadm's manifest \`${path}\` has no command.`, { evidence: manifest });
  return command.map(String);
}

function kubeadmConfig(node: Node, settings: LabSettings): string {
  const documents = [
    {
      apiVersion: "kubeadm.k8s.io/v1beta4",
      kind: "InitConfiguration",
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: 6443 },
      nodeRegistration: { name: node.name, criSocket: "unix:///run/containerd/containerd.sock", taints: [] },
    },
    {
      apiVersion: "kubeadm.k8s.io/v1beta4",
      kind: "ClusterConfiguration",
      kubernetesVersion: versions.kubernetes,
      controlPlaneEndpoint: `${node.address}:6443`,
      encryptionAlgorithm: "ECDSA-P256",
      networking: { serviceSubnet: settings.serviceSubnet, dnsDomain: "cluster.local" },
      // The cluster lives for minutes: durability would only cost disk time.
      etcd: {
        local: { dataDir: "/run/etcd", imageTag: ETCD, extraArgs: [{ name: "unsafe-no-fsync", value: "true" }] },
      },
      controllerManager: { extraArgs: [{ name: "leader-elect", value: "false" }] },
      scheduler: { extraArgs: [{ name: "leader-elect", value: "false" }] },
    },
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "cgroupfs",
      failSwapOn: false,
      failCgroupV1: false,
      clusterDNS: [addressOf(settings.serviceSubnet, 10)],
      clusterDomain: "cluster.local",
      resolvConf: "/etc/vmesh/resolv.conf",
      // The disk is the host's: a full one is the doctor's business, and deleted images would not come back.
      evictionHard: {
        "nodefs.available": "0%",
        "nodefs.inodesFree": "0%",
        "imagefs.available": "0%",
        "imagefs.inodesFree": "0%",
      },
      imageGCHighThresholdPercent: 100,
      serializeImagePulls: false,
      syncFrequency: "10s",
    },
  ];
  return documents.map((document) => stringify(document)).join("---\n");
}

/** kubeadm binds the first group itself only in `init`; nodes run kube-proxy with their own certificate. */
const clusterRoles = parseAllDocuments(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: kubeadm:cluster-admins }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: Group, name: kubeadm:cluster-admins }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: vmesh:node-proxier }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:node-proxier }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: Group, name: system:nodes }]
`).map((document) => document.toJS());
