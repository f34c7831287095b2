import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { environmentError } from "./errors.ts";
import { machineAccess } from "./machine.ts";
import { meshFacts } from "./mesh.ts";
import { meshNames } from "./mesh-names.ts";

/** Things a check may need of a cluster; the live cluster decides which are there. */
export const capabilities = [
  "istio",
  "istio-cni",
  "multus",
  "kubevirt",
  "network-policy",
  "native-sidecars",
  "two-nodes",
  "live-migration",
  "external-host",
  "eastwest-gateway",
  "external-vm",
  "istio-cni-multus",
  "istio-metrics",
  "tracing",
  "ingress-gateway",
  "egress-gateway",
  "gateway-api",
  "bookinfo",
  "prometheus",
  "kiali",
  "grafana",
  "loki",
  "cluster-admin",
] as const;
export type Capability = (typeof capabilities)[number];

const schema = z.strictObject({
  /** Names the cluster: its containers, networks and folder carry it, and the namespaces of checks as a label. */
  clusterId: z.string(),
  provider: z.string(),
  /** Path of the kubeconfig file. */
  kubeconfig: z.string(),
  nodes: z.array(z.strictObject({ name: z.string(), address: z.string() })),
  /** Component name to version: as the component reports it where it can, else as its provider built it. */
  versions: z.record(z.string(), z.string()),
  /** For each capability `true`, or why it is not there. */
  capabilities: z.partialRecord(z.enum(capabilities), z.union([z.literal(true), z.string()])),
  /** What its Istio was installed with, where there is one. */
  mesh: meshFacts.optional(),
  /** What the parts of the mesh are called there, where that was noted. */
  names: meshNames.optional(),
  /** Image references that check manifests use as `${image.<name>}`: ours, and of Bookinfo's Deployments by their names. */
  images: z.object({ workload: z.string(), guest: z.string() }).catchall(z.string()),
  /**
   * Addresses that check manifests use as `${endpoint.<name>}`: `external` is a host outside cluster and mesh that
   * serves as our workload does, HTTP on 8080 and TCP that speaks first on 7700. That is no port of a usual Service:
   * where one of the mesh speaks HTTP on a port (Prometheus on 9090), proxies take all else to that port for HTTP, too,
   * and wait for the client to speak.
   */
  endpoints: z.partialRecord(z.enum(["external"]), z.string()),
  /** Machines outside the cluster: `vm` has joined the mesh. */
  machines: z.partialRecord(z.enum(["vm"]), machineAccess).default({}),
  /** Paths of the client programs on this machine. */
  tools: z.record(z.enum(["istioctl"]), z.string()),
  /** Factor on every duration in `timeouts.ts`: 1 on fast machines, more under emulation. */
  timeScale: z.number().positive(),
});

/** A prepared cluster as plain data, written to disk once and read by every worker. */
export type Environment = z.infer<typeof schema>;

/** Writes the environment atomically, so that a reader never sees half of it. */
export async function saveEnvironment(path: string, environment: Environment): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(schema.parse(environment), null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/** Reads an environment file. Throws an environment error that names the first thing wrong in it. */
export async function loadEnvironment(path: string): Promise<Environment> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw environmentError(`No cluster environment at \`${path}\`.`, {
      cause,
      hint: "start one with `scripts/vmesh up`, or name its file with --cluster",
    });
  });
  const result = schema.safeParse(JSON.parse(text));
  if (!result.success) {
    throw environmentError(`\`${path}\` is not a cluster environment.`, {
      evidence: z.prettifyError(result.error),
      hint: "recreate it with `scripts/vmesh down` and `scripts/vmesh up`",
    });
  }
  return result.data;
}
