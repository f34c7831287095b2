import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { vi } from "vitest";
import type { KubeObject } from "../../lib/kube.ts";
import { fakeApi, type FakeCluster } from "../../lib/kube/fake-api.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import type { CreateOptions } from "../provider.ts";
import { type K3sDouble, k3sDouble } from "./doubles/k3s.fixture.ts";

/** The version that the double of k3s tells. */
export const version = "v1.27.7+k3s1";

export const node = (name: string, ready = "True"): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: {
    addresses: [{ type: "InternalIP", address: `10.0.0.${name.length}` }],
    conditions: [{ type: "Ready", status: ready, message: "container runtime network not ready" }],
    nodeInfo: { kubeletVersion: version },
  },
});

/** Doubles of Multipass and k3s, and a server that has the nodes that k3s would have. */
export interface Scene {
  /** A folder of the test's own, in which the cache is. */
  root: string;
  cluster: FakeCluster;
  double: K3sDouble;
  /** What the log was told. */
  told: string[];
  /** Options for a cluster of these doubles, with `extra` settings. */
  newOptions(extra?: Record<string, unknown>, clusterId?: string): Promise<CreateOptions>;
  /** The hosts whose instances there are. */
  hosts(): Promise<string[]>;
}

export async function k3sScene(nodes: readonly string[]): Promise<Scene> {
  const told: string[] = [];
  const root = await temporaryFolder();
  const cluster: FakeCluster = { objects: nodes.map((name) => node(name)) };
  const { kubeconfig } = await fakeApi(cluster);
  const state = join(root, "double");
  const double = await k3sDouble(state, { kubeconfig, server: "127.0.0.1", version });
  vi.stubEnv("MULTIPASS_DOUBLE", state);
  return {
    root,
    cluster,
    double,
    told,
    async newOptions(extra = {}, clusterId = "vmesh-00aa11") {
      const cacheDir = join(root, "cache");
      const stateDir = join(cacheDir, "clusters", clusterId);
      await mkdir(stateDir, { recursive: true });
      const settings = { ...double.settings, images: { workload: "registry.example/workload:1" }, ...extra };
      const log = createLog({ write: (line) => void told.push(line.trimEnd()) });
      return { clusterId, cacheDir, stateDir, nodes: 1, settings, versions: "2023-istio-vms", log };
    },
    hosts: async () =>
      (await double.instances()).map((name) => name.replace(/^vmesh-00aa11-c[0-9a-f]{6}-/, "")).toSorted(),
  };
}
