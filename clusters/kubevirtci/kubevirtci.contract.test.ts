import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { describeError } from "../../lib/errors.ts";
import { connect } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { lab } from "../lab/lab.ts";
import { runningProcesses } from "../lab/daemon.ts";
import { providerContract } from "../provider.contract.ts";
import type { StartedCluster } from "../provider.ts";
import { type Double, startDouble, upstreamFiles } from "./doubles/docker.fixture.ts";
import { kubevirtci } from "./kubevirtci.ts";

// What is real: the provider, `make`, the API server, which is a lab's. What is a double: the container CLI and what runs
// in its containers. What is a stand-in: the scripts, unless VMESH_KUBEVIRTCI_CHECKOUT names a checkout of kubevirtci.

const cacheDir = inject("cacheDir");
let labCluster: StartedCluster;
let labState: string;
let folder: string;
let double: Double;
let mirror: string;
let server: ReturnType<typeof createServer>;
const before = { ...process.env };

beforeAll(async () => {
  const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
  labState = join(cacheDir, "clusters", clusterId);
  await mkdir(labState, { recursive: true, mode: 0o700 });
  await writeFile(join(labState, "owner"), `${process.pid}\n`);
  const log = createLog();
  const options = { clusterId, cacheDir, stateDir: labState, nodes: 1, settings: {}, log };
  labCluster = await lab.create(options, new AbortController().signal);

  folder = await mkdtemp(join(tmpdir(), "vmesh-kubevirtci-"));
  const served = Object.entries(await upstreamFiles(join(folder, "served")));
  server = createServer((request, response) => {
    const [, path] = served.find(([ending]) => request.url?.endsWith(ending)) ?? [];
    if (path === undefined) return void response.writeHead(404).end();
    readFile(path).then(
      (content) => response.end(content),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const adminConf = await readFile(labCluster.access.kubeconfig, "utf8");
  double = await startDouble({ folder, adminConf, compiled: join(folder, "compiled") });
  // Also for the process that the contract kills.
  Object.assign(process.env, double.variables);
});

afterAll(async () => {
  Object.assign(process.env, { PATH: before["PATH"], DOCKER_HOST: before["DOCKER_HOST"] ?? "" });
  server.close();
  await labCluster.dispose();
  await rm(labState, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

providerContract(
  {
    provider: "kubevirtci",
    nodes: 1,
    settings: () => double.settings,
    options: () => ({ mirror }),
    // No node of the double is a virtual machine, and none of its images takes room.
    unneeded: ["kvm", "nested virtualization", "memory", "disk", "engine socket", "system"],
    interruptAt: [/getting the nodes' image/, /node01 answers/, /Istio is installed/],
    impossible: { checkout: join(import.meta.dirname, "doctor") },
    traces,
  },
  (running) => {
    test("is told by what only its API server can know.", async () => {
      const { cluster } = running();
      const kube = connect(cluster.access.kubeconfig);
      const { gitVersion } = JSON.parse(await kube.raw("/version"));
      expect(cluster.access.versions["kubernetes"]).toBe(gitVersion);
      expect(cluster.access.nodes).toEqual(labCluster.access.nodes);
      // As the lab's kubeadm noted it.
      expect(cluster.access.serviceSubnet).toBe(labCluster.access.serviceSubnet);
    });
  },
);

test("The whole way to the loop that waits for Istio's CNI configuration ends at the deadline, with its name.", async () => {
  const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true });
  await double.fail("istio-loop");
  try {
    const settings = { ...double.settings, deadlines: { up: 60 } };
    const options = { clusterId, cacheDir, stateDir, nodes: 1, settings, mirror, log: createLog() };
    const error = await kubevirtci.create(options, new AbortController().signal).catch((thrown: unknown) => thrown);
    expect(describeError(error)).toMatch(/did not end within 60 s: they wait for ever for Istio's CNI configuration/);
    expect(double.engine.containers()).toEqual([]);
  } finally {
    await double.fail();
    await rm(stateDir, { recursive: true, force: true });
  }
});

/** What the double's engine has, the processes of its containers, and folders of clusters. */
async function traces(cache: string): Promise<string[]> {
  const containers = double.engine.containers().map(({ name }) => `container ${name}`);
  const volumes = double.engine.volumes().map((name) => `volume ${name}`);
  const forwarders = (await runningProcesses()).filter(({ argv }) => argv.some((word) => word.includes(folder)));
  const processes = forwarders.map(({ argv }) => `process ${argv.join(" ")}`);
  const folders = (await readdir(join(cache, "clusters"))).map((name) => `folder ${join(cache, "clusters", name)}`);
  return [...containers, ...volumes, ...processes, ...folders].toSorted();
}
