import { describe, expect, test, vi } from "vitest";
import { application, systemDouble } from "../components/starlingx/double.fixture.ts";
import { kubeconfig } from "./kubeconfig.ts";
import * as like from "./lab-like.fixture.ts";
import { scene } from "./scene.fixture.ts";

vi.setConfig({ testTimeout: 180_000 });

const { signal } = new AbortController();
const noted = { application: "missing", namespace: false, injection: null, attachment: false };
const enrolled = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "vmesh-starlingx", annotations: { "vmesh.dev/starlingx-before": JSON.stringify(noted) } },
};

async function enrolledScene() {
  const double = await systemDouble({ applications: [application("istio", "24.09-11", "applied")] });
  const settings = { install: ["istio"], starlingx: { folder: double.helm } };
  const { options, objects } = await scene(settings, [...like.everything, enrolled]);
  const isEnrolled = () => objects.some(({ metadata }) => metadata.name === "vmesh-starlingx");
  return { double, options, isEnrolled };
}

describe("a cluster of StarlingX", () => {
  test("is left without the application that vmesh brought, once.", async () => {
    const { double, options, isEnrolled } = await enrolledScene();
    const cluster = await kubeconfig.create(options, signal);
    expect(cluster.access.starlingx).toMatchObject({ folder: double.helm, namespace: "vmesh-starlingx" });
    await cluster.dispose();
    await cluster.dispose();
    expect(await double.istio()).toBeUndefined();
    expect(isEnrolled()).toBe(false);
  });

  test("is cleaned of it after a run that was killed.", async () => {
    const { double, options, isEnrolled } = await enrolledScene();
    await kubeconfig.create(options, signal);
    await kubeconfig.clean({ cacheDir: options.cacheDir, log: options.log, only: options.clusterId });
    expect(await double.istio()).toBeUndefined();
    expect(isEnrolled()).toBe(false);
  });

  test("is not forgotten while its application cannot be removed, so that `down` can be tried again.", async () => {
    const { double, options, isEnrolled } = await enrolledScene();
    const cluster = await kubeconfig.create(options, signal);
    vi.stubEnv("OS_USERNAME", undefined);
    await expect(cluster.dispose()).rejects.toThrow("no credentials of keystone_admin: OS_USERNAME");
    vi.stubEnv("OS_USERNAME", "admin");
    await (await kubeconfig.attach(options)).dispose();
    expect(await double.istio()).toBeUndefined();
    expect(isEnrolled()).toBe(false);
  });

  test("has what the doctor finds of its `system`.", async () => {
    const { options } = await enrolledScene();
    const findings = await kubeconfig.doctor(options);
    expect(findings.find(({ name }) => name === "StarlingX application")).toMatchObject({
      level: "fine",
      detail: "istio 24.09-11 is `applied` on this machine",
    });
  });
});
