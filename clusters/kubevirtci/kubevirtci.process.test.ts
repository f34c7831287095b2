import { existsSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { describeError, exitCodeOf, exitCodes, interruptedError } from "../../lib/errors.ts";
import { openBundle } from "../../lib/diagnostics/bundle.ts";
import { fakeApi } from "../../lib/kube/fake-api.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { findingSchema } from "../finding.ts";
import { cacheId } from "../lab/labels.ts";
import type { CreateOptions } from "../provider.ts";
import { checkout, type Double, startDouble, upstreamFiles } from "./doubles/docker.fixture.ts";
import { container } from "./doubles/gocli.ts";
import { containerCli, dockerSocket } from "./container-cli.ts";
import { kubevirtci } from "./kubevirtci.ts";
import { prefixOf, prepareScripts, scriptsFor } from "./scripts.ts";
import { parseSettings } from "./settings.ts";
import { type KubevirtciState, saveState } from "./state.ts";
import { pushTestImages } from "./test-images.ts";

// kubevirtci's container CLI is a double in all of these, and so is the API server; the scripts are a stand-in, or real
// ones where VMESH_KUBEVIRTCI_CHECKOUT names a checkout. With a real API server: kubevirtci.contract.test.ts.

// Each makes dozens of small processes: on a busy machine that takes its time.
vi.setConfig({ testTimeout: timeouts.componentReady });
afterEach(() => void vi.unstubAllEnvs());

/** What is fetched is fetched once for all tests. */
let cacheDir: string;
let mirror: string;
const server = createServer((request, response) => {
  const [, path] = Object.entries(files).find(([ending]) => request.url?.endsWith(ending)) ?? [];
  if (path === undefined) return void response.writeHead(404).end();
  readFile(path).then(
    (content) => response.end(content),
    () => response.writeHead(500).end(),
  );
});
let files: Record<string, string>;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "vmesh-kubevirtci-"));
  files = await upstreamFiles(join(cacheDir, "served"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(cacheDir, { recursive: true, force: true });
});

interface Scene {
  double: Double;
  options: CreateOptions;
  /** Everything that was told. */
  told: string[];
  /** Names of what is left in the engine, and the ports that lead anywhere. */
  left(): string[];
}

/** A double with an API server of so many Ready nodes, and options for a cluster in it. */
async function scene({ nodes = 1, ready = nodes, settings = {} }: SceneOptions = {}): Promise<Scene> {
  const objects = Array.from({ length: nodes }, (_, index) => nodeObject(index, index < ready));
  const api = await fakeApi({ objects, kinds: { v1: { Node: "nodes", ConfigMap: "configmaps" } } });
  const double = await startDouble({
    folder: await temporaryFolder(),
    adminConf: await readFile(api.kubeconfig, "utf8"),
    compiled: join(cacheDir, "compiled"),
  });
  for (const [name, value] of Object.entries(double.variables)) vi.stubEnv(name, value);
  const clusterId = `vmesh-${Math.random().toString(16).slice(2, 8)}`;
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true });
  const told: string[] = [];
  const options: CreateOptions = {
    clusterId,
    cacheDir,
    stateDir,
    nodes,
    mirror,
    settings: { ...double.settings, istio: false, deadlines: { up: 30, ready: 10, down: 10 }, ...settings },
    log: createLog({ write: (line) => told.push(line) }),
  };
  const { engine } = double;
  const left = () => [...engine.containers().map(({ name }) => name), ...engine.volumes()];
  return { double, options, told, left };
}

/** What a cluster that is up has in the engine and in its folder, without the way there. */
async function standing({ double, options }: Scene): Promise<KubevirtciState> {
  const settings = parseSettings(options.settings);
  const at = { folder: checkout, tag: "double", provider: settings.provider ?? "" };
  const cli = containerCli("docker", dockerSocket);
  const scripts = scriptsFor({ ...options, checkout: at, settings, cli });
  await prepareScripts(options.stateDir, at);
  const since = Date.now();
  const { runtime, socket } = cli;
  const prefix = await prefixOf(scripts, never);
  const state = { runtime, socket, scripts, prefix, since, downSeconds: settings.deadlines.down, taken: false };
  await saveState(options.stateDir, state);
  for (const name of ["dnsmasq", "registry", "node01"]) double.engine.put(container(`${prefix}-${name}`, "/bin/bash"));
  return state;
}

interface SceneOptions {
  nodes?: number;
  ready?: number;
  settings?: Record<string, unknown>;
}

function nodeObject(index: number, ready: boolean) {
  const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
  const addresses = [{ type: "InternalIP", address: `192.168.66.${101 + index}` }];
  const name = `node0${index + 1}`;
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { conditions, addresses } };
}

const never = new AbortController().signal;

/** How a creation ended that must not succeed. */
async function failureOf({ options }: Scene, signal = never): Promise<Error> {
  return kubevirtci.create(options, signal).then(
    async (cluster) => {
      await cluster.dispose();
      throw new TypeError("The creation succeeded.");
    },
    (error: Error) => error,
  );
}

test("A slow cluster is waited for, has what the settings say, is described by its own API, and goes without a trace.", async () => {
  const { double, options, told, left } = await scene({ nodes: 2, settings: { memory: "6G", cpus: 4, istio: true } });
  await double.fail("slow 300");
  const cluster = await kubevirtci.create(options, never);
  expect(cluster.access).toMatchObject({
    nodes: [
      { name: "node01", address: "192.168.66.101" },
      { name: "node02", address: "192.168.66.102" },
    ],
    capabilities: { "two-nodes": true, "eastwest-gateway": expect.stringContaining("no load balancer") },
    versions: { kubernetes: "v1.34.0", kubevirtci: "double" },
    install: "missing",
    parts: {
      "kubevirt/virt-operator": expect.stringContaining("virt-operator"),
      "bookinfo/reviews-v3": expect.stringContaining("/release/examples-bookinfo-reviews-v3:"),
    },
    manifests: {
      "kubevirt-operator": expect.stringMatching(/kubevirt-operator\.yaml$/),
      "gateway-api": expect.stringMatching(/gateway-api\.yaml$/),
      kiali: expect.stringMatching(/kiali\.yaml$/),
    },
    images: { workload: "registry:5000/vmesh/workload:double" },
    emulation: false,
  });
  const manifest = cluster.access.manifests["kubevirt-operator"] ?? "";
  expect(await readFile(manifest, "utf8")).toContain("kind: Namespace");
  expect(existsSync(cluster.access.tools.istioctl)).toBe(true);
  // Whatever the scripts say, the certificate is not checked, as kubevirtci writes it.
  expect(await readFile(cluster.access.kubeconfig, "utf8")).toContain("insecure-skip-tls-verify: true");
  const calls = await readFile(join(double.engine.folder, "calls"), "utf8");
  expect(calls).toMatch(/ run .*--nodes 2 .*--memory 6G .*--cpu 4 /);
  expect(calls).toContain(`--label vmesh.dev/cluster=${options.clusterId}`);
  expect(calls).toMatch(/--enable-cnao .*--enable-istio /);
  expect(calls).not.toContain("--ocp-port");
  // The mirror is asked for the images, too.
  const registry = mirror.replace("http://", "");
  expect(calls).toContain(` ${registry}/kubevirtci/gocli:double run --enable`);
  expect(calls).toContain(` --container-registry=${registry} `);
  expect(told.join("")).toMatch(/node01 answers[^]*node02 answers[^]*Istio is installed/);

  const bundle = openBundle(await temporaryFolder(), { signal: never, collectorMs: timeouts.collector });
  await cluster.collectLogs(bundle);
  const { files: kept } = await bundle.close();
  expect(kept.map((path) => path.split("/").slice(-2).join("/")).toSorted()).toEqual(
    expect.arrayContaining(["node01/journal.log", "node02/console.log"]),
  );
  expect(await readFile(kept.find((path) => path.endsWith("cluster-up.log")) ?? "", "utf8")).toContain("Download");

  await cluster.dispose();
  expect(left()).toEqual([]);
  await cluster.dispose();
});

test("Another process takes a cluster up at the port it is published at after a restart of the engine.", async () => {
  const { double, options, left } = await scene();
  const cluster = await kubevirtci.create(options, never);
  const before = await readFile(cluster.access.kubeconfig, "utf8");
  const dnsmasq = double.engine.containers().find(({ name }) => name.endsWith("-dnsmasq"));
  await double.docker("restart", dnsmasq?.name ?? "");
  const taken = await kubevirtci.attach(options);
  expect(taken.access).toStrictEqual(cluster.access);
  const after = await readFile(cluster.access.kubeconfig, "utf8");
  expect(after).not.toBe(before);
  const port = double.engine.containers().find(({ name }) => name.endsWith("-dnsmasq"))?.ports?.["k8s"];
  expect(after).toContain(`127.0.0.1:${port}`);
  await taken.dispose();
  expect(left()).toEqual([]);
});

test.for([
  {
    mode: "hangs while a node boots",
    faults: ["hang"],
    settings: { deadlines: { up: 4, ready: 5, down: 10 } },
    message: /^`make cluster-up` did not end within 4 s\.$/,
    words: /still running: .* run .*--prefix/,
  },
  {
    mode: "leaves a half-created cluster and an error",
    faults: ["half-created"],
    nodes: 2,
    message: /^`make cluster-up` failed: the virtual machine of a node does not answer\.$/,
    words: /could not establish a connection to the node[^]*To mend it: see that \/dev\/kvm opens/,
  },
  {
    mode: "cannot pull its images",
    faults: ["no-image"],
    message: /^`make cluster-up` failed: an image of this tag cannot be pulled\.$/,
    words: /manifest unknown[^]*To mend it: .*`settings\.kubevirtci\.tag`/,
  },
  {
    mode: "says that it failed, and goes on",
    faults: ["dnsmasq"],
    message: /^`make cluster-up` failed: the container `dnsmasq`, which has the cluster's ports, does not start\.$/,
    words: /dnsmasq container failed to start 3 times[^]*`settings\.kubevirtci\.dnsPort`/,
  },
  {
    mode: "prints [ERR ] and ends well",
    faults: ["err"],
    ready: 0,
    settings: { deadlines: { up: 30, ready: 1, down: 10 } },
    message: /^`make cluster-up` ended well, but what it made is no cluster\.$/,
    words:
      /it had complained: the node does not take its settings[^]*Not true within 1 s: 1 nodes are Ready.*node01 not Ready/,
  },
  {
    mode: "writes garbage for a kubeconfig",
    faults: ["garbage-kubeconfig"],
    message: /^`make cluster-up` failed: what they copied from the first node is no kubeconfig\.$/,
    words: /error loading config file[^]*To mend it: the copy goes over SSH/,
  },
  {
    mode: "writes an empty kubeconfig",
    faults: ["empty-kubeconfig"],
    message:
      /^(`make cluster-up` ended well, but what it made is no cluster\.|What kubevirtci wrote to .* is no kubeconfig\.)$/,
    words: /What kubevirtci wrote to .* is no kubeconfig\.[^]*users[^]*To mend it: the copy from the first node failed/,
  },
  {
    mode: "has fewer Ready nodes than were asked for",
    faults: [],
    nodes: 2,
    ready: 1,
    settings: { deadlines: { up: 30, ready: 1, down: 10 } },
    message: /^(`make cluster-up` ended well, but what it made is no cluster\.|Not true within 1 s: 2 nodes are Ready)/,
    words: /Not true within 1 s: 2 nodes are Ready.*1 of 2 are: node01 Ready, node02 not Ready/,
  },
  {
    mode: "does not say where its API server is",
    faults: ["garbage-ports"],
    message: /^(`make cluster-up` |kubevirtci does not say at which port)/,
    words: /port/,
  },
  {
    mode: "has an engine that does not answer",
    faults: ["engine-down"],
    message: /Cannot connect|`docker ps .*` ended with exit code 1/,
    words: /Cannot connect to the Docker daemon/,
  },
] satisfies (SceneOptions & { mode: string; faults: string[]; message: RegExp; words: RegExp })[])(
  "A kubevirtci that $mode is an environment error, exit code 3, and leaves nothing.",
  async ({ faults, message, words, ...options }) => {
    const here = await scene(options);
    await here.double.fail(...faults);
    const error = await failureOf(here);
    expect(error.message).toMatch(message);
    expect(describeError(error)).toMatch(words);
    expect(exitCodeOf(error)).toBe(exitCodes.environment);
    expect(here.left()).toEqual([]);
  },
);

test("The loop that waits for Istio's CNI configuration is named when the time is over.", async () => {
  const here = await scene({ settings: { deadlines: { up: 8 } } });
  await here.double.fail("istio-loop");
  // Scripts that begin there: on a busy machine it takes longer to come so far. The whole way is a contract test.
  const short = await temporaryFolder();
  await cp(checkout, short, { recursive: true });
  const loop = `"until ls /etc/cni/multus/net.d/*istio*.conf > /dev/null 2>&1; do sleep 1; done"`;
  const call = `docker run --rm $USE_TTY kubevirtci/gocli:double --prefix x ssh node01 -- ${loop}`;
  await writeFile(join(short, "cluster-up/up.sh"), `#!/bin/sh\n${call}\n`);
  const error = await failureOf({
    ...here,
    options: { ...here.options, settings: { ...here.options.settings, checkout: short } },
  });
  expect(error.message).toMatch(
    /^`make cluster-up` did not end within 8 s: they wait for ever for Istio's CNI configuration on a node/,
  );
  expect(describeError(error)).toMatch(
    /still running: .*until ls \/etc\/cni\/multus[^]*To mend it: .*`settings\.kubevirtci\.cnao`/,
  );
  expect(here.left()).toEqual([]);
});

test("A `make cluster-down` that fails or does not end is told, and what it left is removed all the same.", async () => {
  for (const fault of ["down-fails", "down-hangs"]) {
    const here = await scene({ settings: { deadlines: { down: 2 } } });
    await standing(here);
    await here.double.fail(fault);
    await kubevirtci.clean({ cacheDir, log: here.options.log, only: here.options.clusterId });
    expect(here.told.join("")).toMatch(
      /warning: its containers are removed one by one: `make cluster-down` (did not end within 2 s|ended with exit code 2)/,
    );
    expect(here.left(), fault).toEqual([]);
  }
});

test("A container that cannot be removed is named, and goes another time.", async () => {
  const here = await scene();
  const { prefix } = await standing(here);
  const stuck = `${prefix}-node01`;
  await here.double.fail("down-fails", `stuck ${stuck}`);
  const { log, clusterId: only } = here.options;
  const error = await kubevirtci.clean({ cacheDir, log, only }).catch((thrown: unknown) => thrown);
  expect(describeError(error)).toMatch(
    new RegExp(`^Not everything of ${only} is removed\\.[^]*container ${stuck}: .*resource busy[^]*vmesh clean`),
  );
  expect(exitCodeOf(error)).toBe(exitCodes.environment);
  expect(here.left()).toEqual([stuck]);
  await here.double.fail();
  expect(await kubevirtci.clean({ cacheDir, log, only })).toEqual([`container ${stuck}`]);
  expect(await kubevirtci.clean({ cacheDir, log, only })).toEqual([]);
});

test("What was there before a cluster of ours stays, and then `make cluster-down`, which would remove it, is left out.", async () => {
  const here = await scene();
  const { prefix } = await standing(here);
  const other = { ...container(`${prefix}-other`, "/bin/sh"), created: "2021-08-25T00:00:00Z" };
  here.double.engine.put(other);
  await kubevirtci.clean({ cacheDir, log: here.options.log, only: here.options.clusterId });
  expect(here.left()).toEqual([other.name]);
  expect(here.told.join("")).toContain(`would also remove what is not ours: ${other.name}`);
});

test("A kubevirtci cluster of somebody else is neither used nor removed.", async () => {
  const { double, options, left } = await scene();
  const other = (name: string) => double.engine.put(container(name, "/bin/bash -c /vm.sh"));
  // The names of tags since 2022; before that they were made of the job, which is ours alone.
  other(`${options.settings["provider"]}-dnsmasq`);
  const before = left();
  const [finding] = (await kubevirtci.doctor(options)).filter(({ name }) => name === "container names");
  expect(finding).toMatchObject({ ok: false, detail: expect.stringContaining("is up already") });
  const error = await failureOf({ double, options, told: [], left });
  expect(describeError(error)).toMatch(/is up already\.[^]*-dnsmasq[^]*own `make cluster-down`/);
  expect(left()).toEqual(before);
});

test("Containers of others that took the names in between stay when ours fails on them.", async () => {
  const { double, options, left } = await scene();
  await double.fail("taken");
  const error = await failureOf({ double, options, told: [], left });
  expect(describeError(error)).toMatch(/another kubevirtci cluster took the names of the containers meanwhile/);
  const name = `${options.settings["provider"]}-node01`;
  double.engine.put(container(name, "/bin/bash -c /vm.sh"));
  expect(await kubevirtci.clean({ cacheDir, log: options.log, only: options.clusterId })).toEqual([]);
  expect(left()).toEqual([name]);
});

test("A creation that is interrupted leaves nothing, kubevirtci's own program neither.", async () => {
  const here = await scene();
  await here.double.fail("hang");
  const controller = new AbortController();
  const { options } = here;
  const log = createLog({
    write: (line) => /node01 answers/.test(line) && controller.abort(interruptedError("Enough.")),
  });
  const error = await failureOf({ ...here, options: { ...options, log } }, controller.signal);
  expect(error).toMatchObject({ kind: "interrupted" });
  expect(here.left()).toEqual([]);
});

test("Without a cluster's name `clean` removes kubevirtci's own programs of clusters without a folder, and no others.", async () => {
  const { double, options, left } = await scene();
  const labels = (clusterId: string) => ({ "vmesh.dev/cluster": clusterId, "vmesh.dev/cache": cacheId(cacheDir) });
  double.engine.put(container("gone", "/cli run", labels("vmesh-000000")));
  double.engine.put(container("alive", "/cli run", labels(options.clusterId)));
  double.engine.put(container("foreign", "/cli run", { "vmesh.dev/cluster": "vmesh-000000" }));
  expect(await kubevirtci.clean({ cacheDir, log: options.log })).toEqual(["container gone"]);
  expect(left()).toEqual(["alive", "foreign"]);
});

test("Images of the engine are pushed to the cluster's own registry, under the name that nodes know.", async () => {
  const { double } = await scene();
  double.engine.put({ ...container("k8s-1.34-dnsmasq", "/dnsmasq.sh"), ports: { registry: 32_768 } });
  const built = { workload: "registry.vmesh.lab:5000/vmesh/workload:ab12", guest: "vmesh/guest:cd34" };
  const cli = containerCli("docker", dockerSocket);
  expect(await pushTestImages(cli, built, { port: 32_768, signal: never })).toEqual({
    workload: "registry:5000/vmesh/workload:ab12",
    guest: "registry:5000/vmesh/guest:cd34",
  });
  expect(double.engine.pushed()).toEqual(["localhost:32768/vmesh/guest:cd34", "localhost:32768/vmesh/workload:ab12"]);
  await double.fail("push-fails");
  const refused = pushTestImages(cli, built, { port: 32_768, signal: never });
  await expect(refused).rejects.toMatchObject({ kind: "environment", evidence: expect.stringContaining("refused") });
});

test("The doctor says of every prerequisite whether it is met, and how to mend it if not.", async () => {
  const { options } = await scene({ nodes: 9, settings: { checkout: "/nowhere", memory: "512G" } });
  vi.stubEnv("DOCKER_HOST", "tcp://192.0.2.9:2375");
  const findings = await kubevirtci.doctor(options);
  const named = new Map(findings.map((finding) => [finding.name, finding]));
  expect(named.size).toBe(findings.length);
  const names = [
    "system",
    "processors",
    "memory",
    "kvm",
    "nested virtualization",
    "container names",
    "DNS port",
    "disk",
  ];
  const sources = ["kubevirtci", "release files", "test images"];
  expect([...named.keys()]).toEqual([...names, "programs", "engine", "engine socket", ...sources]);
  expect(named.get("memory")).toMatchObject({ ok: false, mend: expect.stringContaining("fewer nodes") });
  expect(named.get("kubevirtci")).toMatchObject({ ok: false, detail: expect.stringContaining("no checkout") });
  expect(named.get("engine")).toMatchObject({ ok: true, detail: "docker 27.5.1 answers" });
  expect(named.get("engine socket")).toMatchObject({ ok: false });
  for (const finding of findings) {
    expect(findingSchema.parse(finding)).toEqual(finding);
    expect(finding.mend === undefined, finding.name).toBe(finding.level === "fine");
  }
  expect(existsSync(join(options.stateDir, "kubevirtci"))).toBe(false);
});

test("What may not be fetched and the cache lacks is named before anything starts.", async () => {
  const { options } = await scene();
  const cache = { ...options, cacheDir: await temporaryFolder(), offline: true };
  const found = (await kubevirtci.doctor(cache)).find(({ name }) => name === "release files");
  expect(found).toMatchObject({
    level: "missing",
    detail: expect.stringMatching(/: istioctl, kubevirt-op.*, gateway-api/),
  });
});
