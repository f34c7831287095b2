import type { Bundle } from "../lib/diagnostics/bundle.ts";
import type { KeepEvidence } from "../lib/diagnostics/keeper.ts";
import type { Capability } from "../lib/environment.ts";
import type { Log } from "../lib/log.ts";
import type { MachineAccess } from "../lib/machine.ts";
import type { MeshFacts } from "../lib/mesh.ts";
import type { Finding } from "./finding.ts";

/** What every provider is told. Provider-specific settings are validated by the provider itself. */
export interface CreateOptions {
  /** Labels everything the provider makes; `clean` finds leftovers by it. */
  clusterId: string;
  /** vmesh's cache: built programs and images, shared by all clusters of this user. */
  cacheDir: string;
  /** Folder for the cluster's own files (kubeconfig, logs); exists, is removed by `down`. */
  stateDir: string;
  /** Number of nodes to start. */
  nodes: number;
  /** The provider's own section of the configuration file, unvalidated. */
  settings: Readonly<Record<string, unknown>>;
  /** Name of the version set; the provider's usual one when not given. */
  versions?: string | undefined;
  /** Prefix of a mirror of downloads and registries, see `upstream/mirror.ts`. */
  mirror?: string | undefined;
  /** Fetch nothing: what is not in the cache is an error. */
  offline?: boolean | undefined;
  log: Log;
  /** Hears of each part of the creation that is done, with its seconds; the report shows them as stages. */
  onPart?(title: string, seconds: number): void;
  /** Takes what is left of a cluster that did not come up, before the provider removes it. */
  keepEvidence?: KeepEvidence | undefined;
}

/**
 * `kubevirt`: CRD, roles and the like, to which vmesh adds the operator; `kubevirt-operator`: the release's own file,
 * operator included; `multus`: Multus with whatever the nodes lack of it; the addons': those of the Istio release's samples.
 */
export type ManifestName = "kubevirt" | "kubevirt-operator" | "multus" | AddonName;

/** What Istio's samples have beside the mesh, in the order in which they use each other. */
export const addonNames = ["prometheus", "jaeger", "loki", "grafana", "kiali"] as const;
export type AddonName = (typeof addonNames)[number];

/** Access to a started cluster as plain data: it can be written to disk and read by another process. */
export interface ClusterAccess {
  kubeconfig: string;
  nodes: { name: string; address: string }[];
  /** What the provider itself brings, or why it does not. */
  capabilities: Partial<Record<Capability, true | string>>;
  versions: Record<string, string>;
  images: { workload: string; guest: string };
  /**
   * Which components are put on it: all of them, on a cluster that has none; `missing`, what is not there yet; or those
   * that are named, if they are not there yet. What is there already is used as it is.
   */
  install: "everything" | "missing" | readonly string[];
  /** Image references of the components' parts, e.g. `istio/pilot`. */
  parts: Record<string, string>;
  /** Files of manifests that come with a component's build or release. */
  manifests: Partial<Record<ManifestName, string>>;
  /** Where the nodes have CNI's programs and configurations, unless in CNI's own places. */
  cniFolders?: { programs: string; configurations: string };
  /** What is known of its Istio; the component reads it from the cluster once Istio is there. */
  mesh?: MeshFacts;
  /** Range of the Services' addresses, where it is known. */
  serviceSubnet?: string;
  /** Address of the cluster's DNS Service, where it is known before there is one. */
  clusterDns?: string;
  /** VMs run without hardware virtualization. */
  emulation: boolean;
  /** Hosts for the checks: `external` is outside cluster and mesh. */
  endpoints: { external?: string };
  /** Address that Services of type LoadBalancer get, where nothing in the cluster gives them one. */
  loadBalancer?: string;
  /** Machines outside the cluster that may still be booting: `vm` is to join the mesh. */
  machines: { vm?: MachineAccess };
  tools: { istioctl: string };
  timeScale: number;
}

/** A cluster that answers. Its one owner disposes it. */
export interface StartedCluster {
  access: ClusterAccess;
  /** Stops and removes everything the provider made. A second call does nothing. */
  dispose(): Promise<void>;
  /** Throws if the cluster did something it never may (a packet that left the machine). Asked after the suites. */
  verify?(): Promise<void>;
  /** Writes node and control-plane logs. */
  collectLogs(bundle: Bundle): Promise<void>;
}

export interface DoctorOptions extends Pick<
  CreateOptions,
  "nodes" | "settings" | "cacheDir" | "versions" | "mirror" | "offline"
> {
  /** Leave out what takes seconds and keeps no run from working. */
  quick?: boolean;
}

/** A way to get a cluster. One file, one line in `providers.ts`, one test that calls the contract. */
export interface ClusterProvider {
  name: string;
  /** One line for `--help`. */
  summary: string;
  /** Its clusters are somebody else's and outlive it: what checks left on one is removed from it by itself. */
  borrowed?: true;
  /** How many nodes a cluster has that is there before the run. Throws if it does not answer. */
  countNodes?(settings: CreateOptions["settings"]): Promise<number>;
  /** Throws a usage error that names every wrong key of the provider's section; looks at nothing else. */
  checkSettings(settings: CreateOptions["settings"], versions?: string): void;
  /** Every prerequisite at once; changes nothing. */
  doctor(options: DoctorOptions): Promise<Finding[]>;
  /** Starts a cluster. On failure or abort it removes what it had made, then throws. */
  create(options: CreateOptions, signal: AbortSignal): Promise<StartedCluster>;
  /** Takes up a cluster that another process created with the same state folder. */
  attach(options: CreateOptions): Promise<StartedCluster>;
  /** Removes whatever interrupted runs left, found by label; `only` names one cluster. Returns what it removed, in words. */
  clean(options: Pick<CreateOptions, "cacheDir" | "log"> & { only?: string | undefined }): Promise<string[]>;
}
