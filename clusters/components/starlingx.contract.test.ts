import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import { containersInOrder } from "../../lib/expectations/created-containers.ts";
import { connect } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { answersOnSsh, machineAt } from "../../lib/machine.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import { lab } from "../lab/lab.ts";
import type { CreateOptions, StartedCluster } from "../provider.ts";
import { type Component, partOf, type Target } from "./component.ts";
import { componentsOn, installComponents } from "./components.ts";
import { coredns } from "./coredns.ts";
import { multus } from "./multus.ts";
import { withProbeNamespace } from "./probe.ts";
import { controllerOf } from "./starlingx/controller.ts";
import { systemDouble } from "./starlingx/double.fixture.ts";
import { starlingxSettings } from "./starlingx/settings.ts";

const { signal } = new AbortController();
let options: CreateOptions;
let cluster: StartedCluster;

beforeAll(async () => {
  const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
  const cacheDir = inject("cacheDir");
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(join(stateDir, "owner"), `${process.pid}\n`);
  options = { clusterId, cacheDir, stateDir, nodes: 1, settings: {}, log: createLog() };
  cluster = await lab.create(options, signal);
});
afterAll(async () => {
  await cluster?.dispose();
  await rm(options.stateDir, { recursive: true, force: true });
});

test("With a hook that installs Istio, what the double applies is proven on a real cluster, and gone once removed.", async () => {
  const kube = connect(cluster.access.kubeconfig);
  const plain: Target = { access: cluster.access, kube, log: options.log };
  const [, hub = "", tag = ""] = /^(.+)\/pilot:([^/:]+)$/.exec(partOf(plain, "istio/pilot")) ?? [];
  const file = join(import.meta.dirname, "starlingx/contract.yaml");
  const [operator, ...kiali] = await loadManifests(file, { hub, tag });
  const operatorFile = join(options.stateDir, "starlingx.yaml");
  await writeFile(operatorFile, stringify(operator));
  const { istioctl } = cluster.access.tools;
  const flags = ["--skip-confirmation", "--kubeconfig", cluster.access.kubeconfig];
  const double = await systemDouble({
    hooks: {
      apply: [istioctl, "install", ...flags, "--filename", operatorFile],
      remove: [istioctl, "uninstall", "--purge", ...flags],
    },
  });
  await kube.apply(kiali, { signal });

  const starlingx = starlingxSettings.parse({ folder: double.helm });
  const target: Target = { ...plain, access: { ...cluster.access, starlingx } };
  const istio = componentsOn(target.access).find(({ name }) => name === "istio") as Component;
  const list = [coredns, multus, istio];
  const { capabilities, mesh, versions } = await installComponents(target, { signal, list });
  expect(versions["istio"]).toBe(cluster.access.versions["istio"]);
  expect(capabilities).toMatchObject({ istio: true, "istio-cni": true, "native-sidecars": true });
  expect(mesh).toMatchObject({ revision: "default", attachmentPerNamespace: true });
  expect(await double.istio()).toMatchObject({ status: "applied" });

  // A namespace of a check, or of another component's probe, is enrolled alike.
  const meshed = { ...target, access: { ...target.access, ...(mesh && { mesh }) } };
  const labels = { "istio-injection": "enabled" };
  await withProbeNamespace(meshed, { name: "vmesh-starlingx-check", labels, signal }, async ({ startPod }) => {
    expect(containersInOrder(await startPod({ name: "injected" }))).toContain("istio-proxy");
  });

  await istio.remove?.(target);
  expect(await double.istio()).toBeUndefined();
  expect(await kube.get({ apiVersion: "v1", kind: "Namespace", name: starlingx.namespace })).toBeUndefined();
  const istiods = await kube.list({ apiVersion: "apps/v1", kind: "Deployment", labelSelector: "app=istiod" });
  expect(istiods).toEqual([]);
  // `istioctl uninstall --purge` takes Istio's kinds along, other than the removal of a revision.
  const istiosOwn = async (apiVersion: string, kind: string) =>
    (await kube.list({ apiVersion, kind })).map(({ metadata }) => metadata.name).filter((name) => /istio/.test(name));
  await eventually({ what: "nothing of Istio's is left", budgetMs: timeouts.objectGone, signal }, async () => {
    expect(await istiosOwn("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")).toEqual([]);
    expect(await istiosOwn("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")).toEqual([]);
    expect(await istiosOwn("apiextensions.k8s.io/v1", "CustomResourceDefinition")).toEqual([]);
  });
});

test("On a controller that is reached through SSH `system` has the credentials of its openrc.", async () => {
  const { vm } = cluster.access.machines;
  if (!vm) throw new TypeError("The lab has no external VM.");
  const machine = machineAt(vm);
  await answersOnSsh(machine, { log: options.log, signal });
  await machine.write("/etc/platform/openrc", "export OS_USERNAME=admin\nreturn 0\n");
  await machine.write("/usr/local/bin/system", '#!/bin/sh\necho "$OS_USERNAME asks for $*"\n', { mode: "0755" });
  await machine.write("/usr/local/share/application/helm/istio-24.09-11.tgz", "");
  const { address, user, identityFile, knownHostsFile } = vm;
  const { controller, folder } = starlingxSettings.parse({
    controller: { address, user, identityFile, knownHostsFile },
  });
  const remote = controllerOf({ controller });
  const timeoutMs = timeouts.machineCommand;
  const answer = await remote.system(["application-upload", `${folder}/it's one.tgz`], { timeoutMs });
  expect(answer.trim()).toBe(`admin asks for application-upload ${folder}/it's one.tgz`);
  expect(await remote.files(folder)).toEqual(["istio-24.09-11.tgz"]);
  await expect(remote.files("/none")).rejects.toThrow("cannot be read on controller");
});
