import type { Shown } from "./describe.ts";

/** A kind of object that is described, and what of it. Never in it: Secrets, env values, commands, user-data, headers. */
export interface ShownKind {
  apiVersion: string;
  kind: string;
  shown: Shown;
}

const values: Shown = { "*": true };
const list: Shown = [true];
const metadata: Shown = { labels: values, annotations: "names", creationTimestamp: true, deletionTimestamp: true };
const conditions: Shown = [{ type: true, status: true, reason: true, message: true }];
const labelSelector: Shown = { matchLabels: values, matchExpressions: [{ key: true, operator: true, values: list }] };
const port: Shown = { number: true, name: true, protocol: true, targetPort: true };
const tls: Shown = { mode: true, sni: true, subjectAltNames: list };

const containerState: Shown = {
  waiting: { reason: true, message: true },
  running: { startedAt: true },
  terminated: { reason: true, exitCode: true, signal: true, message: true, finishedAt: true },
};
const containerStatus: Shown = {
  name: true,
  ready: true,
  restartCount: true,
  image: true,
  state: containerState,
  lastState: containerState,
};
const probe: Shown = {
  httpGet: { port: true, path: true, scheme: true },
  tcpSocket: { port: true },
  periodSeconds: true,
  timeoutSeconds: true,
  failureThreshold: true,
};
const container: Shown = {
  name: true,
  ports: [{ containerPort: true, protocol: true, name: true }],
  readinessProbe: probe,
  resources: { requests: values, limits: values },
  restartPolicy: true,
};
const destination: Shown = { host: true, subset: true, port: { number: true } };
const route: Shown = [{ destination, weight: true }];
const stringMatch: Shown = { exact: true, prefix: true, regex: true };
const trafficPolicy: Shown = {
  tls,
  loadBalancer: { simple: true },
  connectionPool: { tcp: values, http: values },
  outlierDetection: values,
  portLevelSettings: [{ port, tls }],
};
const policyPeer: Shown = {
  podSelector: labelSelector,
  namespaceSelector: labelSelector,
  ipBlock: { cidr: true, except: list },
};
const policyPorts: Shown = [{ port: true, endPort: true, protocol: true }];
const lists: Shown = { "*": list };
const workload: Shown = {
  address: true,
  ports: values,
  labels: values,
  network: true,
  locality: true,
  weight: true,
  serviceAccount: true,
};
const guest: Shown = {
  domain: {
    devices: { interfaces: [{ name: true, masquerade: "names", bridge: "names", ports: [port] }] },
    resources: { requests: values },
  },
  networks: [{ name: true, multus: { networkName: true } }],
  volumes: [{ name: true }],
  readinessProbe: probe,
  evictionStrategy: true,
  nodeSelector: values,
};

const kind = (apiVersion: string, name: string, spec: Shown, status: Shown = {}, rest: Record<string, Shown> = {}) =>
  ({ apiVersion, kind: name, shown: { metadata, spec, status, ...rest } }) satisfies ShownKind;

/** Pods and VMIs, which are looked at for more than their description. */
export const shownPod = kind(
  "v1",
  "Pod",
  { nodeName: true, serviceAccountName: true, initContainers: [container], containers: [container] },
  {
    phase: true,
    reason: true,
    message: true,
    podIP: true,
    conditions,
    initContainerStatuses: [containerStatus],
    containerStatuses: [containerStatus],
  },
);
export const shownGuest = kind("kubevirt.io/v1", "VirtualMachineInstance", guest, {
  phase: true,
  reason: true,
  nodeName: true,
  conditions,
  interfaces: [{ name: true, ipAddress: true, mac: true, infoSource: true }],
  phaseTransitionTimestamps: [{ phase: true, phaseTransitionTimestamp: true }],
  migrationState: values,
});

/** All other kinds. */
export const shownKinds: readonly ShownKind[] = [
  kind("kubevirt.io/v1", "VirtualMachine", { runStrategy: true }, { printableStatus: true, conditions }),
  kind("kubevirt.io/v1", "VirtualMachineInstanceMigration", { vmiName: true }, { phase: true, migrationState: values }),
  kind("apps/v1", "Deployment", { replicas: true, selector: labelSelector }, { "*": true, conditions }),
  kind("apps/v1", "DaemonSet", { selector: labelSelector }, values),
  kind(
    "v1",
    "Service",
    {
      type: true,
      clusterIP: true,
      externalIPs: list,
      externalName: true,
      selector: values,
      ports: [{ name: true, port: true, targetPort: true, nodePort: true, protocol: true, appProtocol: true }],
    },
    { loadBalancer: { ingress: [{ ip: true, hostname: true }] } },
  ),
  kind(
    "discovery.k8s.io/v1",
    "EndpointSlice",
    {},
    {},
    {
      addressType: true,
      ports: [{ name: true, port: true, protocol: true }],
      endpoints: [{ addresses: list, conditions: values, nodeName: true, targetRef: { kind: true, name: true } }],
    },
  ),
  kind("networking.k8s.io/v1", "NetworkPolicy", {
    podSelector: labelSelector,
    policyTypes: list,
    ingress: [{ from: [policyPeer], ports: policyPorts }],
    egress: [{ to: [policyPeer], ports: policyPorts }],
  }),
  kind("security.istio.io/v1", "PeerAuthentication", {
    selector: labelSelector,
    mtls: { mode: true },
    portLevelMtls: { "*": { mode: true } },
  }),
  kind("security.istio.io/v1", "AuthorizationPolicy", {
    action: true,
    selector: labelSelector,
    // What a condition asks for may be a header's value.
    rules: [{ from: [{ source: lists }], to: [{ operation: lists }], when: [{ key: true }] }],
  }),
  kind("networking.istio.io/v1", "DestinationRule", {
    host: true,
    trafficPolicy,
    subsets: [{ name: true, labels: values, trafficPolicy }],
    exportTo: list,
    workloadSelector: labelSelector,
  }),
  kind("networking.istio.io/v1", "VirtualService", {
    hosts: list,
    gateways: list,
    exportTo: list,
    http: [
      {
        name: true,
        match: [{ uri: stringMatch, method: stringMatch, port: true, headers: "names", sourceLabels: values }],
        route,
        redirect: "names",
        rewrite: { uri: true },
        fault: { abort: { httpStatus: true }, delay: { fixedDelay: true } },
        timeout: true,
        retries: { attempts: true, perTryTimeout: true, retryOn: true },
      },
    ],
    tcp: [{ match: [{ port: true }], route }],
    tls: [{ match: [{ port: true, sniHosts: list }], route }],
  }),
  kind("networking.istio.io/v1", "ServiceEntry", {
    hosts: list,
    addresses: list,
    ports: [port],
    location: true,
    resolution: true,
    exportTo: list,
    subjectAltNames: list,
    endpoints: [workload],
    workloadSelector: { labels: values },
  }),
  kind("networking.istio.io/v1", "Sidecar", {
    workloadSelector: { labels: values },
    egress: [{ hosts: list, port, captureMode: true }],
    ingress: [{ port, defaultEndpoint: true, captureMode: true }],
    outboundTrafficPolicy: { mode: true },
  }),
  kind("networking.istio.io/v1", "WorkloadEntry", workload, { conditions }),
  kind("networking.istio.io/v1", "WorkloadGroup", {
    metadata: { labels: values },
    template: workload,
    probe,
  }),
  kind("networking.istio.io/v1", "Gateway", {
    selector: values,
    servers: [{ port, hosts: list, tls: { mode: true } }],
  }),
  kind("networking.istio.io/v1beta1", "ProxyConfig", { selector: labelSelector, environmentVariables: "names" }),
];
