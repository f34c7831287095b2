import { describe, expect, test, vi } from "vitest";
import type { KubeObject } from "../../lib/kube.ts";
import { applied, memoryCluster } from "./starlingx/cluster.fixture.ts";
import { application, systemDouble } from "./starlingx/double.fixture.ts";
import { attachmentOf, namespace, namespaceOf, scene } from "./starlingx/scene.fixture.ts";

// What goes wrong with the application: starlingx-fails.process.test.ts.

// Each command of the double is a process of its own.
vi.setConfig({ testTimeout: 180_000 });

describe("a StarlingX where all goes well", () => {
  test("has Istio uploaded, applied and proven, and everything taken away again by another process.", async () => {
    const double = await systemDouble({ misbehaviour: { apply: { looks: 5, ends: "well" } } });
    const cluster = memoryCluster();
    const { install, target, component, words } = scene(cluster, { folder: double.helm });
    const { capabilities, versions, mesh } = await install();
    expect(versions["istio"]).toBe("1.31.1");
    expect(mesh).toMatchObject({ revision: "default", attachmentPerNamespace: true });
    expect(capabilities).toMatchObject({
      istio: true,
      "istio-cni": true,
      "native-sidecars": true,
      "istio-metrics": expect.stringContaining("metrics and tracing functionalities are not supported"),
      tracing: expect.stringContaining("metrics and tracing functionalities are not supported"),
    });
    expect(await double.istio()).toMatchObject({ version: "24.09-11", status: "applied", progress: "completed" });
    expect(namespaceOf(cluster)?.metadata.labels).toEqual({ "istio-injection": "enabled" });
    expect(attachmentOf(cluster)?.metadata.namespace).toBe(namespace);
    expect(words()).toContain("http://192.0.2.10:30201/kiali, token by token request");
    expect(words()).toContain("application istio is applying: retrieving docker images");

    await component.remove?.(target);
    expect(await double.istio()).toBeUndefined();
    expect(namespaceOf(cluster)).toBeUndefined();
    expect(attachmentOf(cluster)).toBeUndefined();
    await component.remove?.(target);
    const { calls } = await double.state();
    expect(calls.filter((call) => !call.startsWith("application-list"))).toEqual([
      expect.stringMatching(/^application-upload \/.*\/istio-24\.09-11\.tgz$/),
      "application-apply istio",
      "application-remove istio",
      "application-delete istio",
    ]);
  });

  test.each([
    { status: "uploaded", commands: ["application-apply istio", "application-remove istio"] },
    { status: "applied", commands: [] },
    { status: "apply-failed", commands: ["application-apply istio", "application-remove istio"], after: "uploaded" },
  ])("uses an application that is $status, and leaves it so.", async ({ status, commands, after = status }) => {
    // No tarball is needed.
    const double = await systemDouble({ applications: [application("istio", "24.09-9", status)], tarballs: [] });
    const labelled = { "istio-injection": "disabled" };
    const mine: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: labelled } };
    const cluster = memoryCluster([...applied, mine]);
    const { install, target, component } = scene(cluster, { folder: double.helm });
    await install();
    // Once more: what there was before vmesh came is not forgotten.
    await install();
    await component.remove?.(target);
    expect(await double.istio()).toMatchObject({ status: after });
    const others = (await double.state()).calls.filter((call) => !call.startsWith("application-list"));
    expect(others).toEqual(commands);
    expect(cluster.objects).toEqual([...applied, { ...mine, metadata: { ...mine.metadata, annotations: {} } }]);
  });

  test("may have an operator, and proxies that are no native sidecars.", async () => {
    const double = await systemDouble();
    const operator: KubeObject[] = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-operator" } },
      { ...(applied[0] as KubeObject), metadata: { name: "istio-operator", namespace: "istio-operator" } },
    ];
    const cluster = memoryCluster([...applied, ...operator], { native: false });
    const { install, words } = scene(cluster, { folder: double.helm });
    const { capabilities } = await install();
    expect(capabilities["native-sidecars"]).toBe("Istio does not inject its proxy as a native sidecar here");
    expect(words()).toContain("the application has istio-operator");
  });
});

describe("an application that is applied and", () => {
  const without = (kind: string, name: string) =>
    applied.filter((object) => object.kind !== kind || object.metadata.name !== name);

  test.each([
    {
      name: "has no CNI plugin",
      objects: without("DaemonSet", "istio-cni-node"),
      says: /there is no DaemonSet with `k8s-app=istio-cni-node`/,
    },
    { name: "has no Kiali", objects: without("Service", "kiali"), says: /without Service `istio-system\/kiali`/ },
    {
      name: "has no account for Kiali",
      objects: without("ServiceAccount", "kiali"),
      says: /no ServiceAccount `istio-system\/kiali`/,
    },
    {
      name: "starts a native proxy behind the application",
      objects: applied,
      created: ["istio-validation", "echo", "istio-proxy"],
      says: /were not created in the order of its spec/,
    },
  ])("$name is an environment error, and taken back.", async ({ objects, created, says }) => {
    const double = await systemDouble();
    const cluster = memoryCluster(objects, created ? { created } : {});
    const { install } = scene(cluster, { folder: double.helm });
    await expect(install()).rejects.toThrow(says);
    expect(await double.istio()).toBeUndefined();
    expect(cluster.objects).toEqual(objects);
  });

  test("whose Kiali has the token's Secret in `secrets[0]`, as before Kubernetes 1.24, takes it from there.", async () => {
    const double = await systemDouble();
    const claims = Buffer.from(JSON.stringify({ sub: "system:serviceaccount:istio-system:kiali" })).toString(
      "base64url",
    );
    const token = `head.${claims}.signature`;
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "kiali-token-x", namespace: "istio-system" },
      data: { token: Buffer.from(token).toString("base64") },
    };
    const withSecret = applied.map((object) =>
      object.kind === "ServiceAccount" ? { ...object, secrets: [{ name: "kiali-token-x" }] } : object,
    );
    const { install, words } = scene(memoryCluster([...withSecret, secret]), { folder: double.helm });
    await install();
    expect(words()).toContain("token by secret");
    expect(words()).not.toContain(claims);
  });
});
