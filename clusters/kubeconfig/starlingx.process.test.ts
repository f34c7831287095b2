import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { fakeApi } from "../../lib/kube/fake-api.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { application, systemDouble } from "../components/starlingx/double.fixture.ts";
import { kubeconfig } from "./kubeconfig.ts";
import * as like from "./lab-like.fixture.ts";

vi.setConfig({ testTimeout: 180_000 });

const { signal } = new AbortController();
const images = { workload: "registry.example/workload:1", guest: "registry.example/guest:1" };
const noted = { application: "missing", namespace: false, injection: null, attachment: false };
const enrolled = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "vmesh-starlingx", annotations: { "vmesh.dev/starlingx-before": JSON.stringify(noted) } },
};

async function scene() {
  const double = await systemDouble({ applications: [application("istio", "24.09-11", "applied")] });
  const cacheDir = await temporaryFolder();
  const clusterId = "vmesh-abc123";
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true });
  const istioctl = join(cacheDir, "istioctl");
  await writeFile(istioctl, "");
  await chmod(istioctl, 0o755);
  const objects = [...like.everything, enrolled];
  const api = await fakeApi({ objects, kinds: like.kinds });
  const starlingx = { folder: double.helm };
  const settings = { kubeconfig: api.kubeconfig, images, istioctl, install: ["istio"], starlingx };
  const log = createLog({ write: () => {} });
  const isEnrolled = () => objects.some(({ metadata }) => metadata.name === "vmesh-starlingx");
  return { double, options: { clusterId, cacheDir, stateDir, nodes: 1, settings, log }, isEnrolled };
}

describe("a cluster of StarlingX", () => {
  test("is left without the application that vmesh brought, once.", async () => {
    const { double, options, isEnrolled } = await scene();
    const cluster = await kubeconfig.create(options, signal);
    expect(cluster.access.starlingx).toMatchObject({ folder: double.helm, namespace: "vmesh-starlingx" });
    await cluster.dispose();
    await cluster.dispose();
    expect(await double.istio()).toBeUndefined();
    expect(isEnrolled()).toBe(false);
  });

  test("is cleaned of it after a run that was killed.", async () => {
    const { double, options, isEnrolled } = await scene();
    await kubeconfig.create(options, signal);
    await kubeconfig.clean({ cacheDir: options.cacheDir, log: options.log, only: options.clusterId });
    expect(await double.istio()).toBeUndefined();
    expect(isEnrolled()).toBe(false);
  });

  test("is not forgotten while its application cannot be removed, so that `down` can be tried again.", async () => {
    const { double, options, isEnrolled } = await scene();
    const cluster = await kubeconfig.create(options, signal);
    vi.stubEnv("OS_USERNAME", undefined);
    await expect(cluster.dispose()).rejects.toThrow("no credentials of keystone_admin: OS_USERNAME");
    vi.stubEnv("OS_USERNAME", "admin");
    await (await kubeconfig.attach(options)).dispose();
    expect(await double.istio()).toBeUndefined();
    expect(isEnrolled()).toBe(false);
  });

  test("has what the doctor finds of its `system`.", async () => {
    const { options } = await scene();
    const findings = await kubeconfig.doctor(options);
    expect(findings.find(({ name }) => name === "StarlingX application")).toMatchObject({
      level: "fine",
      detail: "istio 24.09-11 is `applied` on this machine",
    });
  });
});
