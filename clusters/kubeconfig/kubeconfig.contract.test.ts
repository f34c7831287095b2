import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { clusterLabel } from "../../lib/check-namespaces.ts";
import { connect, type Kube } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { answersOnSsh, machineAt } from "../../lib/machine.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { printCluster } from "../../lib/untouched.ts";
import { eventually } from "../../lib/wait.ts";
import { components, installComponents } from "../components/components.ts";
import { withProbeNamespace } from "../components/probe.ts";
import { lab } from "../lab/lab.ts";
import { providerContract } from "../provider.contract.ts";
import type { StartedCluster } from "../provider.ts";
import { kubeconfig } from "./kubeconfig.ts";

// The cluster that is there is a lab with one node; vmesh knows nothing of it but its kubeconfig.

let there: StartedCluster;
let administrator: Kube;
const { signal } = new AbortController();
const cacheDir = inject("cacheDir");
const labId = `vmesh-${randomBytes(3).toString("hex")}`;
const labState = join(cacheDir, "clusters", labId);
const light = components.filter(({ name }) => ["coredns", "multus", "network-policy"].includes(name));

beforeAll(async () => {
  await mkdir(labState, { recursive: true, mode: 0o700 });
  await writeFile(join(labState, "owner"), `${process.pid}\n`);
  const log = createLog();
  there = await lab.create({ clusterId: labId, cacheDir, stateDir: labState, nodes: 1, settings: {}, log }, signal);
  // The doctor asks it whether it is fit, and it boots longer than the cluster.
  if (there.access.machines.vm) await answersOnSsh(machineAt(there.access.machines.vm), { log, signal });
  administrator = connect(there.access.kubeconfig);
  const target = { clusterId: labId, access: there.access, kube: administrator, log };
  await installComponents(target, { signal, list: light });
  // Nobody waits for the namespaces of their probes; here what is there is what has to be there afterwards.
  const budgetMs = timeouts.objectGone;
  await eventually({ what: "the components' probes are gone", budgetMs, signal }, async () => {
    const labelSelector = `${clusterLabel}=${labId}`;
    expect(await administrator.list({ apiVersion: "v1", kind: "Namespace", labelSelector })).toEqual([]);
  });
});

afterAll(async () => {
  await there?.dispose();
  await rm(labState, { recursive: true, force: true });
});

function settings() {
  const { kubeconfig: file, images, endpoints, machines, loadBalancer, tools } = there.access;
  return { kubeconfig: file, images, external: endpoints.external, machines, loadBalancer, istioctl: tools.istioctl };
}

/** On this machine folders and copies of contexts, and on the cluster every object with what would tell of a change. */
async function traces(): Promise<string[]> {
  const folders = (await readdir(join(cacheDir, "clusters"))).map((name) => join(cacheDir, "clusters", name));
  const copies = folders.filter((folder) => existsSync(join(folder, "borrowed.json")));
  const objects = Object.entries(await printCluster(administrator));
  return [
    ...folders.map((folder) => `folder ${folder}`),
    ...copies.map((folder) => `copy ${folder}`),
    ...objects.map(([name, print]) => `object ${name} ${JSON.stringify(print)}`),
  ].toSorted();
}

providerContract(
  {
    provider: "kubeconfig",
    nodes: 1,
    settings,
    interruptAt: [/context \S+ at https/, /the API server answers/],
    impossible: { context: "nowhere" },
    traces,
  },
  (running) => {
    test("has what is on it found, and used as it is; the rest is missing for a reason.", async () => {
      const { cluster, options } = running();
      const { access } = cluster;
      const before = await printCluster(administrator);
      const target = { clusterId: options.clusterId, access, kube: connect(access.kubeconfig), log: options.log };
      const { versions, capabilities } = await installComponents(target, { signal });
      expect(capabilities).toMatchObject({
        multus: true,
        "network-policy": true,
        istio: "`istio` is not on the cluster, and was not to be installed",
        kubevirt: "`kubevirt` is not on the cluster, and was not to be installed",
      });
      expect(Object.keys(versions).toSorted()).toEqual(["coredns", "multus", "network-policy"]);
      const after = await printCluster(administrator);
      const unrelated = Object.keys(after).filter((name) => !name.includes("vmesh-probe"));
      expect(unrelated.filter((name) => !(name in before))).toEqual([]);
    });

    test("is left without the namespaces of its run, though nobody removed them.", async () => {
      const { cluster, options } = running();
      const target = { clusterId: options.clusterId, access: cluster.access, kube: administrator, log: options.log };
      // As a run leaves it whose process dies within a probe.
      const stuck = withProbeNamespace(
        { ...target, kube: { ...administrator, remove: async () => {} } },
        { name: "vmesh-probe-left", signal },
        async () => "left",
      );
      expect(await stuck).toBe("left");
    });
  },
);

test("A cluster that is changed by somebody meanwhile is told by `untouched`, object by object.", async () => {
  const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "vmesh-stranger", namespace: "default" } };
  try {
    const options = { clusterId, cacheDir, stateDir, nodes: 1, log: createLog() };
    const cluster = await kubeconfig.create({ ...options, settings: { ...settings(), untouched: true } }, signal);
    await administrator.apply([map]);
    await expect(cluster.dispose()).rejects.toMatchObject({
      evidence: "ConfigMap.v1 default/vmesh-stranger is new",
    });
  } finally {
    await administrator.remove({ apiVersion: "v1", kind: "ConfigMap", name: "vmesh-stranger", namespace: "default" });
    await rm(stateDir, { recursive: true, force: true });
  }
});
