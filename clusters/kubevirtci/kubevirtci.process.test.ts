import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { describeError, exitCodeOf, exitCodes, interruptedError } from "../../lib/errors.ts";
import { openBundle } from "../../lib/diagnostics/bundle.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { findingSchema } from "../finding.ts";
import { cacheId } from "../lab/labels.ts";
import { container } from "./doubles/gocli.ts";
import { containerCli, dockerSocket } from "./container-cli.ts";
import { kubevirtci } from "./kubevirtci.ts";
import { pushTestImages } from "./test-images.ts";
import { failureOf, never, scene, standing, useUpstream } from "./kubevirtci.fixture.ts";

useUpstream();

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
  const registry = options.mirror?.replace("http://", "");
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

test("A `make cluster-down` that fails or does not end is told, and what it left is removed all the same.", async () => {
  for (const fault of ["down-fails", "down-hangs"]) {
    const here = await scene({ settings: { deadlines: { down: 2 } } });
    await standing(here);
    await here.double.fail(fault);
    await kubevirtci.clean({ ...here.options, only: here.options.clusterId });
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
  const { cacheDir, log, clusterId: only } = here.options;
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
  await kubevirtci.clean({ ...here.options, only: here.options.clusterId });
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
  expect(await kubevirtci.clean({ ...options, only: options.clusterId })).toEqual([]);
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
  const labels = (clusterId: string) => ({
    "vmesh.dev/cluster": clusterId,
    "vmesh.dev/cache": cacheId(options.cacheDir),
  });
  double.engine.put(container("gone", "/cli run", labels("vmesh-000000")));
  double.engine.put(container("alive", "/cli run", labels(options.clusterId)));
  double.engine.put(container("foreign", "/cli run", { "vmesh.dev/cluster": "vmesh-000000" }));
  expect(await kubevirtci.clean(options)).toEqual(["container gone"]);
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
