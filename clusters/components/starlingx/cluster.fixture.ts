import { describeRef, type Kube, type KubeObject, type ObjectRef, refOf } from "../../../lib/kube.ts";

const deployed = {
  status: { availableReplicas: 1, desiredNumberScheduled: 1, numberAvailable: 1 },
  spec: { replicas: 1 },
};
const workload = (kind: string, namespace: string, name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace, labels },
  ...deployed,
});

/** What StarlingX's application has put on a cluster once it is applied; Kiali's account has no `secrets`. */
export const applied: readonly KubeObject[] = [
  workload("Deployment", "istio-system", "istiod", { app: "istiod", "istio.io/rev": "default" }),
  workload("Deployment", "istio-system", "istio-ingressgateway"),
  workload("Deployment", "istio-system", "istio-egressgateway"),
  workload("DaemonSet", "kube-system", "istio-cni-node", { "k8s-app": "istio-cni-node" }),
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system" } },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "kiali", namespace: "istio-system" } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kiali", namespace: "istio-system" },
    spec: {
      type: "NodePort",
      ports: [
        { name: "http-metrics", nodePort: 30900 },
        { name: "http", nodePort: 30201 },
      ],
    },
  },
];

export interface MemoryCluster {
  kube: Kube;
  objects: KubeObject[];
  get(ref: ObjectRef): KubeObject | undefined;
}

/**
 * A cluster in memory that keeps what is applied. A pod of a labelled namespace is Ready at once, with a proxy, and with
 * the events of its containers in the order of `created`.
 */
export function memoryCluster(
  initial: readonly KubeObject[] = applied,
  { native = true, created }: { native?: boolean; created?: readonly string[] } = {},
): MemoryCluster {
  const objects = structuredClone([...initial]);
  const get = (ref: ObjectRef) => objects.find((one) => describeRef(refOf(one)) === describeRef(ref));
  const isInjected = (namespace: string) =>
    get({ apiVersion: "v1", kind: "Namespace", name: namespace })?.metadata.labels?.["istio-injection"] === "enabled";
  const start = (pod: KubeObject) => {
    const { name, namespace = "" } = pod.metadata;
    const injected = isInjected(namespace);
    const proxy = injected ? [{ name: "istio-proxy" }] : [];
    const init = injected ? [{ name: "istio-validation" }] : [];
    const initContainers = native ? [...init, ...proxy] : init;
    const containers = native ? [{ name: "echo" }] : [{ name: "echo" }, ...proxy];
    if (injected) pod.metadata.annotations = { "k8s.v1.cni.cncf.io/networks": "istio-cni" };
    Object.assign(pod, {
      spec: { initContainers, containers },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    });
    const order = created ?? [...initContainers, ...containers].map((container) => container.name);
    order.forEach((container, index) =>
      objects.push({
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: `${name}.18a2b3c4d5e6f7${(index + 16).toString(16)}`, namespace },
        reason: "Created",
        involvedObject: { name, fieldPath: `spec.containers{${container}}` },
      }),
    );
  };
  const kube = {
    get: async (ref) => structuredClone(get(ref)),
    async list({ kind, namespace, labelSelector }) {
      const [label = "", value] = labelSelector?.split("=") ?? [];
      const fits = ({ metadata }: KubeObject) => label === "" || metadata.labels?.[label] === value;
      const meant = objects.filter((one) => one.kind === kind && fits(one));
      return structuredClone(meant.filter((one) => namespace === undefined || one.metadata.namespace === namespace));
    },
    async apply(given) {
      for (const object of structuredClone([...given])) {
        const found = get(refOf(object));
        if (found) merge(found, object);
        else objects.push(object);
        if (object.kind === "Pod") start(object);
      }
    },
    async patch(ref, change) {
      const found = get(ref);
      if (!found) throw new Error(`there is no ${describeRef(ref)} to patch`);
      merge(found, change);
      return found;
    },
    async remove(ref) {
      const goesToo = ({ metadata, kind }: KubeObject) =>
        (ref.kind === "Namespace" && metadata.namespace === ref.name) ||
        (kind === "Event" && ref.kind === "Pod" && metadata.namespace === ref.namespace);
      const stays = (one: KubeObject) => describeRef(refOf(one)) !== describeRef(ref) && !goesToo(one);
      objects.splice(0, Infinity, ...objects.filter(stays));
    },
    serves: async () => true,
    async raw(path) {
      if (path.endsWith("/services/istiod:15014/proxy/version")) return "1.31.1-0123abc-Clean";
      throw new Error(`there is nothing at ${path}`);
    },
    token: async (namespace, name) => {
      const claims = { sub: `system:serviceaccount:${namespace}:${name}` };
      return `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
    },
  } satisfies Partial<Kube> as unknown as Kube;
  return { kube, objects, get };
}

/** A JSON merge patch. */
function merge(target: Record<string, unknown>, change: object): void {
  for (const [key, value] of Object.entries(change)) {
    const old = target[key];
    if (value === null) delete target[key];
    else if (isObject(value) && isObject(old)) merge(old, value);
    else if (isObject(value)) merge((target[key] = {}) as Record<string, unknown>, value);
    else target[key] = value;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
