import { describe, expect, test, vi } from "vitest";
import { exitCodeOf, exitCodes } from "../../lib/errors.ts";
import type { KubeObject } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import type { ClusterAccess } from "../provider.ts";
import type { Component, Target } from "./component.ts";
import { installComponents } from "./components.ts";
import { applied, type MemoryCluster, memoryCluster } from "./starlingx/cluster.fixture.ts";
import { application, systemDouble } from "./starlingx/double.fixture.ts";
import type { Misbehaviour } from "./starlingx/doubles/state.ts";
import type { Pace } from "./starlingx/lifecycle.ts";
import { starlingxSettings } from "./starlingx/settings.ts";
import { starlingxIstio } from "./starlingx-istio.ts";

// Each command of the double is a process of its own.
vi.setConfig({ testTimeout: 180_000 });

const namespace = "vmesh-starlingx";
const multus: Component = {
  name: "multus",
  needs: [],
  provides: ["multus"],
  namespaces: [],
  install: async () => {},
  version: async () => "4",
};
/** A command is given the time that a process needs to start on a busy machine. */
const hurried: Pace = { command: 30_000, upload: 60_000, apply: 60_000, remove: 60_000, poll: 10 };

function scene(cluster: MemoryCluster, settings: object, pace: Partial<Pace> = {}) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const access = { nodes: [{ name: "controller-0", address: "192.0.2.10" }], versions: {}, timeScale: 1 };
  const whole = { ...access, install: "everything", images: { workload: "w", guest: "g" } };
  const target: Target = { access: whole as unknown as ClusterAccess, kube: cluster.kube, log };
  const component = starlingxIstio(starlingxSettings.parse(settings), { ...hurried, ...pace });
  const install = () => installComponents(target, { signal: AbortSignal.timeout(120_000), list: [multus, component] });
  return { target, component, install, words: () => lines.join("\n") };
}

const namespaceOf = ({ get }: MemoryCluster) => get({ apiVersion: "v1", kind: "Namespace", name: namespace });
const attachmentOf = ({ get }: MemoryCluster) =>
  get({ apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition", name: "istio-cni", namespace });

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

/** A way in which the double misbehaves, with what a user reads. */
interface Failure {
  name: string;
  misbehaviour: Misbehaviour;
  pace?: Partial<Pace>;
  says: RegExp;
  /** Also in the log. */
  warns?: RegExp;
}

const failures: Failure[] = [
  {
    name: "an upload that is refused",
    misbehaviour: { refuses: { "application-upload": "Application-upload rejected: checksum validation failed." } },
    says: /`system application-upload .*` was refused on this machine: Application-upload rejected: checksum/,
  },
  {
    name: "an upload that fails",
    misbehaviour: { upload: { looks: 2, ends: "badly", progress: "chart validation failed" } },
    says: /istio` 24\.09-11 is `upload-failed`, expected `uploaded`\. Its progress: chart validation failed\./,
  },
  {
    name: "an upload that nothing comes of",
    misbehaviour: { losesUpload: true },
    says: /StarlingX does not list the application `istio`, expected it `uploaded`\./,
  },
  {
    name: "an apply that fails",
    misbehaviour: { apply: { looks: 2, ends: "badly", progress: "istio-pilot: timed out\nwaiting for the condition" } },
    says: /is `apply-failed`, expected `applied`\. Its progress: istio-pilot: timed out waiting for the condition\./,
  },
  {
    name: "an apply that is stuck",
    misbehaviour: {
      apply: {
        looks: 0,
        ends: "never",
        progress: "Applying app istio. Chart istio-cni applied. Overall completion: 40%",
      },
    },
    pace: { apply: 1_000 },
    says: /is still after 1 s `applying`, expected `applied`\. Its progress: .*Overall completion: 40%\./,
  },
  {
    name: "an apply that recovers for too long",
    misbehaviour: {
      apply: { looks: 6, ends: "badly", status: "recovering", progress: "Recovering from: Helm upgrade failed." },
    },
    pace: { apply: 300 },
    says: /is still after 0\.3 s `recovering`, expected `applied`\. Its progress: Recovering from: Helm upgrade failed\./,
  },
  {
    name: "a list that is no table",
    misbehaviour: { list: "Traceback (most recent call last):\n  boom" },
    says: /`system application-list` printed no table as expected/,
  },
  {
    name: "a list that is another table",
    misbehaviour: { list: "+------+-------+\n| name | state |\n+------+-------+\n| a    | b     |\n+------+-------+" },
    says: /it has no column `application`, `version`, `status`, `progress`/,
  },
  {
    name: "a command that hangs",
    misbehaviour: { hangs: ["application-list"] },
    pace: { command: 2_000 },
    says: /`system application-list --nowrap` did not end within 2 s/,
  },
  {
    name: "an apply whose command hangs",
    misbehaviour: { hangs: ["application-apply"] },
    pace: { command: 8_000 },
    says: /`system application-apply istio` did not end within 8 s/,
  },
  {
    name: "a command that prints nothing",
    misbehaviour: { silent: ["application-list"] },
    says: /printed nothing on this machine, as it does where it cannot reach its API/,
  },
  {
    name: "a removal that fails after an apply that failed",
    misbehaviour: {
      apply: { looks: 0, ends: "badly", progress: "no image" },
      remove: { looks: 1, ends: "badly", progress: "helm release is locked" },
    },
    says: /is `apply-failed`, expected `applied`\. Its progress: no image\./,
    warns:
      /StarlingX could not remove the application `istio`, so its removal was forced\.[\s\S]*helm release is locked/,
  },
];

describe("a StarlingX with", () => {
  test.each(failures)(
    "$name is an environment error, and nothing is left.",
    async ({ misbehaviour, pace = {}, says, warns }) => {
      const double = await systemDouble({ misbehaviour });
      const cluster = memoryCluster();
      const { install, words } = scene(cluster, { folder: double.helm }, pace);
      const error: unknown = await install().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).toMatch(says);
      expect(exitCodeOf(error)).toBe(exitCodes.environment);
      expect(await double.istio()).toBeUndefined();
      expect((await double.state()).operation).toBeUndefined();
      expect(cluster.objects).toEqual(applied);
      expect(words()).toMatch(warns ?? /^(?![\s\S]*not everything)/);
    },
  );

  test("a removal that cannot even be forced says what is left, and another attempt takes it up.", async () => {
    const remove = { looks: 0, ends: "badly", evenForced: true, progress: "helm release is locked" } as const;
    const double = await systemDouble({ misbehaviour: { remove } });
    const cluster = memoryCluster();
    const { install, target, component } = scene(cluster, { folder: double.helm });
    await install();
    const error: unknown = await component.remove?.(target).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/is `remove-failed`, expected `uploaded`\. .*helm release is locked/);
    expect(exitCodeOf(error)).toBe(exitCodes.environment);
    expect(namespaceOf(cluster)?.metadata.annotations).toHaveProperty(["vmesh.dev/starlingx-before"]);

    await double.misbehave({});
    await component.remove?.(target);
    expect(await double.istio()).toBeUndefined();
    expect(cluster.objects).toEqual(applied);
  });

  test("an application that somebody else is at work on is an environment error, and stays.", async () => {
    const somebody = application("istio", "24.09-9", "applying", "retrieving docker images");
    const double = await systemDouble({ applications: [somebody] });
    const cluster = memoryCluster();
    const { install } = scene(cluster, { folder: double.helm });
    await expect(install()).rejects.toThrow(
      "is `applying`, expected `applied`. Its progress: retrieving docker images",
    );
    expect(await double.istio()).toEqual(somebody);
    expect(cluster.objects).toEqual(applied);
  });

  test("no credentials is an environment error that says how to get them.", async () => {
    const double = await systemDouble();
    delete process.env["OS_AUTH_URL"];
    delete process.env["OS_USERNAME"];
    const { install } = scene(memoryCluster(), { folder: double.helm });
    await expect(install()).rejects.toMatchObject({
      kind: "environment",
      message: "`system` has no credentials of keystone_admin: OS_USERNAME, OS_AUTH_URL is not set.",
      hint: expect.stringContaining("source /etc/platform/openrc"),
    });
    expect((await double.state()).calls).toEqual([]);
  });

  test("an interrupt in the middle of an apply takes everything back.", async () => {
    const double = await systemDouble({ misbehaviour: { apply: { looks: 0, ends: "never" } } });
    const cluster = memoryCluster();
    const controller = new AbortController();
    const { component, target } = scene(cluster, { folder: double.helm });
    const log = createLog({ write: (line) => void (/is applying/.test(line) && controller.abort()) });
    await expect(component.install({ ...target, log }, controller.signal)).rejects.toMatchObject({
      kind: "interrupted",
    });
    expect(await double.istio()).toBeUndefined();
    expect(cluster.objects).toEqual(applied);
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
