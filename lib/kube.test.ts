import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "./kube/exec.ts";
import { createDiscovery } from "./kube/discovery.ts";
import { isUnreachable } from "./kube/transport.ts";
import { accepted, connect, describeRef, type KubeObject, refOf, servedKinds } from "./kube.ts";
import { fakeApi } from "./kube/fake-api.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const resources = (...list: [string, string, boolean][]) =>
  JSON.stringify({ resources: list.map(([name, kind, namespaced]) => ({ name, kind, namespaced })) });

describe("discovery", () => {
  const core = resources(
    ["pods/log", "Pod", true],
    ["pods", "Pod", true],
    ["namespaces", "Namespace", false],
    ["endpoints", "Endpoints", true],
  );

  test.each([
    ["Pod", "a", "b", "/api/v1/namespaces/a/pods/b"],
    ["Pod", "a", undefined, "/api/v1/namespaces/a/pods"],
    ["Pod", undefined, undefined, "/api/v1/pods"],
    ["Namespace", undefined, "b", "/api/v1/namespaces/b"],
    ["Namespace", "ignored", "b", "/api/v1/namespaces/b"],
    ["Endpoints", "a", "b", "/api/v1/namespaces/a/endpoints/b"],
  ])("finds %s %s/%s at its path.", async (kind, namespace, name, expected) => {
    const discovery = createDiscovery(async () => ({ status: 200, body: core }));
    expect(await discovery.path("v1", kind, namespace, name)).toBe(expected);
  });

  test("asks once for what it knows and again for what it does not know yet.", async () => {
    const asked: string[] = [];
    let answer = { status: 404, body: "" };
    const discovery = createDiscovery(async (path) => {
      asked.push(path);
      return answer;
    });
    const look = () => discovery.path("kubevirt.io/v1", "VirtualMachineInstance", "a", "b");
    await expect(look()).rejects.toMatchObject({
      kind: "environment",
      message: "The cluster does not serve the kind `VirtualMachineInstance` of `kubevirt.io/v1`.",
    });
    answer = { status: 200, body: resources(["virtualmachineinstances", "VirtualMachineInstance", true]) };
    const path = "/apis/kubevirt.io/v1/namespaces/a/virtualmachineinstances/b";
    expect([await look(), await look()]).toEqual([path, path]);
    expect(asked).toEqual(["/apis/kubevirt.io/v1", "/apis/kubevirt.io/v1"]);
  });

  test("tells an API that refuses from a kind that is not there.", async () => {
    const discovery = createDiscovery(async () => ({ status: 403, body: "forbidden" }));
    await expect(discovery.path("v1", "Pod", "a", "b")).rejects.toMatchObject({
      message: "GET /api/v1: the API answered 403.",
      evidence: "forbidden",
    });
  });

  const istio = (...versions: string[]) => ({
    body: JSON.stringify({
      preferredVersion: { groupVersion: `networking.istio.io/${versions[0]}` },
      versions: versions.toReversed().map((version) => ({ groupVersion: `networking.istio.io/${version}` })),
    }),
  });
  const gateways = { body: resources(["gateways", "Gateway", true]) };

  test.each([
    ["v1 where there is one", { v1: gateways, v1beta1: gateways }, "v1"],
    ["the version that the API prefers where there is no v1", { v1beta1: gateways, v1alpha3: gateways }, "v1beta1"],
    [
      "another one if the preferred has not the kind",
      { v1beta1: { body: resources() }, v1alpha3: gateways },
      "v1alpha3",
    ],
  ])("asks for Istio's kinds by %s.", async (_, served, expected) => {
    const answers: Record<string, { body: string }> = { "/apis/networking.istio.io": istio(...Object.keys(served)) };
    for (const [version, answer] of Object.entries(served)) answers[`/apis/networking.istio.io/${version}`] = answer;
    const discovery = createDiscovery(async (path) => ({
      status: path in answers ? 200 : 404,
      body: "",
      ...answers[path],
    }));
    const path = await discovery.path("networking.istio.io/v1", "Gateway", "a", "b");
    expect(path).toBe(`/apis/networking.istio.io/${expected}/namespaces/a/gateways/b`);
    expect(await discovery.serves("networking.istio.io/v1", "WorkloadEntry")).toBe(false);
    expect(await discovery.serves("security.istio.io/v1", "PeerAuthentication")).toBe(false);
  });

  test("refuses a namespaced object without a namespace.", async () => {
    const discovery = createDiscovery(async () => ({ status: 200, body: core }));
    await expect(discovery.path("v1", "Pod", undefined, "b")).rejects.toThrow(
      "Pod `b` needs a namespace, none is given.",
    );
  });
});

describe("accepted", () => {
  const request = { method: "PATCH", path: "/x", subject: "Pod a/b" };

  test("passes on the body of a success.", () => {
    expect(accepted(request, { status: 201, body: "{}" })).toBe("{}");
  });

  test.each([
    [
      422,
      JSON.stringify({ kind: "Status", message: "spec: Required value" }),
      "the API answered 422, spec: Required value",
    ],
    [500, "upstream is down\n", "the API answered 500, upstream is down"],
    [503, "", "the API answered 503, without a message"],
    [400, JSON.stringify({ reason: "x" }), 'the API answered 400, {"reason":"x"}'],
  ])("makes %i an error with method, object and the API's message.", (status, body, message) => {
    expect(() => accepted(request, { status, body })).toThrow(
      expect.objectContaining({ kind: "environment", message: `PATCH Pod a/b: ${message}` }),
    );
  });
});

describe("exit codes of exec", () => {
  test.each([
    [{ status: "Success" }, 0],
    [{ status: "Failure", reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: "2" }] } }, 2],
  ])("are read from %j.", (status, expected) => {
    expect(exitCodeOf(status, "`x`")).toBe(expected);
  });

  test("of a command that was never started are an error with the reason.", () => {
    const status = { status: "Failure", reason: "InternalError", message: "no such file" };
    expect(() => exitCodeOf(status, "`x` in a/b")).toThrow("`x` in a/b could not be run: no such file");
  });
});

test.each([
  [{ code: "ECONNREFUSED" }, true],
  [new AggregateError([Object.assign(new Error("x"), { code: "ECONNRESET" })]), true],
  [{ message: "", error: { code: "ECONNREFUSED" } }, true],
  [{ code: "CERT_HAS_EXPIRED" }, false],
  [new Error("ECONNREFUSED"), false],
  [undefined, false],
])("%o is a lost connection: %s.", (error, expected) => {
  expect(isUnreachable(error)).toBe(expected);
});

test("A CRD promises its served versions.", () => {
  const versions = [
    { name: "v1", served: true },
    { name: "v1alpha1", served: false },
  ];
  const spec = { group: "example.io", names: { kind: "Lamp" }, versions };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "x" },
    spec,
  };
  expect(servedKinds(definition)).toEqual([{ apiVersion: "example.io/v1", kind: "Lamp" }]);
});

test("A reference names what identifies an object and reads like it.", () => {
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "b", namespace: "a", labels: {} }, spec: {} };
  expect(refOf(pod)).toEqual({ apiVersion: "v1", kind: "Pod", name: "b", namespace: "a" });
  expect([describeRef(refOf(pod)), describeRef({ apiVersion: "v1", kind: "Namespace", name: "a" })]).toEqual([
    "Pod a/b",
    "Namespace a",
  ]);
});

test("An object that is removed is looked for until it is gone; a Secret is not read.", async () => {
  const object = (kind: string): KubeObject => ({
    apiVersion: "v1",
    kind,
    metadata: { name: "one", namespace: "a", uid: "u" },
  });
  const cluster = { objects: [object("Secret"), object("ConfigMap")] };
  const { kubeconfig, requests } = await fakeApi(cluster);
  const kube = connect(kubeconfig);
  for (const ref of cluster.objects.map(refOf)) await kube.remove(ref, { waitMs: 5_000 });
  expect(cluster.objects).toEqual([]);
  const asked = (plural: string) =>
    requests.filter((line) => line.includes(`/${plural}/`)).map((line) => line.split(" ")[0]);
  expect(asked("configmaps")).toEqual(["GET", "DELETE", "GET"]);
  expect(asked("secrets")).toEqual(["DELETE"]);
});

describe("connect", () => {
  test("names a kubeconfig that is not there.", () => {
    expect(() => connect("/no/such/kubeconfig")).toThrow("`/no/such/kubeconfig` is not a readable kubeconfig file.");
  });

  test("names a kubeconfig without a current context.", async () => {
    const path = join(await temporaryFolder(), "kubeconfig");
    await writeFile(path, "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n");
    expect(() => connect(path)).toThrow(`The kubeconfig \`${path}\` has no current context with a cluster and a user.`);
  });
});
