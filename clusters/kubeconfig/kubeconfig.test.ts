import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bookinfoImages } from "../../lib/bookinfo.ts";
import { clusterLabel } from "../../lib/check-namespaces.ts";
import type { KubeObject } from "../../lib/kube.ts";
import { partsOf } from "../upstream/upstream-image.ts";
import { serveHttp } from "../upstream/upstream.fixture.ts";
import { loadVersionSet } from "../version-set.ts";
import { kubeconfig } from "./kubeconfig.ts";
import * as like from "./lab-like.fixture.ts";
import { platformOf } from "./platforms.ts";
import { images, scene } from "./scene.fixture.ts";
import { parseSettings } from "./settings.ts";

const { signal } = new AbortController();

describe("settings", () => {
  test("have defaults that install nothing, and names a list may be.", () => {
    expect(parseSettings({})).toEqual({ install: [], machines: {}, emulation: false, timeScale: 1, untouched: false });
    expect(parseSettings({ install: ["istio", "multus"] }).install).toEqual(["istio", "multus"]);
    expect(parseSettings({ install: ["missing"] }).install).toBe("missing");
    expect(parseSettings({ install: "missing" }).install).toBe("missing");
  });

  test.each([
    ["an unknown key", { contex: "a" }, /contex/],
    [
      "a component that there is none of",
      { install: ["istoi"] },
      /there is no component `istoi`, expected `missing` or some of: coredns, /,
    ],
    ["a name for an address", { external: "host.example" }, /expected an IPv4 address/],
    ["one image of two", { images: { workload: "a" } }, /guest/],
    ["a machine without keys", { machines: { vm: { name: "vm", address: "192.0.2.9" } } }, /identityFile/],
  ])("with %s are refused, and told.", (_, settings, evidence) => {
    let error: Error & { evidence?: string } = new Error("nothing was thrown");
    try {
      kubeconfig.checkSettings(settings);
    } catch (caught) {
      error = caught as Error;
    }
    expect(error).toMatchObject({ kind: "usage", evidence: expect.stringMatching(evidence) });
  });

  test("cannot both install and prove that nothing has changed.", () => {
    expect(() => parseSettings({ untouched: true, install: ["istio"] })).toThrow("`untouched` proves");
  });
});

test.each<[expected: string, context: string, nodes: KubeObject[]]>([
  ["kind", "a", [like.node("a-control-plane", { spec: { providerID: "kind://docker/a/a-control-plane" } })]],
  ["kind", "kind-a", []],
  ["docker-desktop", "docker-desktop", [like.node("docker-desktop")]],
  ["docker-desktop", "x", [like.node("desktop-control-plane", { spec: { providerID: "kind://docker/desktop" } })]],
  ["minikube", "x", [like.node("minikube", { labels: { "minikube.k8s.io/name": "minikube" } })]],
  ["starlingx", "x", [like.node("controller-0")]],
  ["cloud", "x", [like.node("ip-10-0-0-1", { spec: { providerID: "aws:///eu-central-1a/i-0" } })]],
  ["other", "x", [like.node("one")]],
])("A cluster is known as %s.", (expected, context, nodes) => {
  expect(platformOf(context, nodes).name).toBe(expected);
});

const namespace = (name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

describe("a cluster that is there", () => {
  test("is described with what is known of it, by a copy of its context that only the user reads.", async () => {
    const { options, istioctl } = await scene({ external: "192.0.2.9", loadBalancer: "192.0.2.10" });
    const { access } = await kubeconfig.create(options, signal);
    expect(access).toEqual({
      kubeconfig: join(options.stateDir, "kubeconfig"),
      nodes: [
        { name: "one", address: "192.0.2.7" },
        { name: "two", address: "192.0.2.7" },
      ],
      capabilities: { "external-host": true, "two-nodes": true, "live-migration": true, "cluster-admin": true },
      versions: { kubernetes: "v1.34.0" },
      images,
      install: [],
      // Of Bookinfo for checks; of what is not to be installed nobody asks.
      parts: await partsOf(await loadVersionSet("current")),
      manifests: {},
      clusterDns: "10.96.0.10",
      emulation: false,
      endpoints: { external: "192.0.2.9" },
      loadBalancer: "192.0.2.10",
      machines: {},
      tools: { istioctl },
      timeScale: 1,
    });
    expect((await stat(access.kubeconfig)).mode & 0o777).toBe(0o600);
    expect((await kubeconfig.attach(options)).access).toEqual(access);
  });

  test("is spoken to as somebody else in every request, istioctl's as well.", async () => {
    const as = "system:serviceaccount:vmesh:vmesh";
    const { options } = await scene({ as });
    const { access } = await kubeconfig.create(options, signal);
    expect(JSON.parse(await readFile(access.kubeconfig, "utf8"))).toMatchObject({ users: [{ user: { as } }] });
  });

  test("with one node says what its checks lack.", async () => {
    const { options } = await scene({}, [like.node("one"), like.node("two", { ready: "False" })]);
    const { access } = await kubeconfig.create(options, signal);
    expect(access.nodes).toHaveLength(1);
    expect(access.capabilities).toMatchObject({
      "external-host": "the setting `external` names no host",
      "two-nodes": "of 2 nodes 1 is Ready and takes pods",
    });
  });

  test("has Bookinfo's images for checks though nothing is to be installed, and nothing is fetched for it.", async () => {
    const { options } = await scene();
    const { access } = await kubeconfig.create({ ...options, offline: true, mirror: "mirror.example/up" }, signal);
    expect(bookinfoImages(access.parts)).toMatchObject({
      "reviews-v3": expect.stringMatching(/^mirror\.example\/up\/release\/examples-bookinfo-reviews-v3:/),
    });
  });

  test("has one image for all of Bookinfo where that is named.", async () => {
    const { options } = await scene({ images: { workload: "w:1", guest: "g:1", bookinfo: "b:1" } });
    const { access } = await kubeconfig.create(options, signal);
    expect(access.images).toEqual({ workload: "w:1", guest: "g:1" });
    expect(new Set(Object.values(bookinfoImages(access.parts)))).toEqual(new Set(["b:1"]));
  });

  test("of a user who may not do everything says that checks which install are not for it.", async () => {
    const { options } = await scene({}, [...like.everything], ({ verb }) => verb !== "*");
    const { access } = await kubeconfig.create(options, signal);
    expect(access.capabilities["cluster-admin"]).toBe("the user is not allowed everything on the cluster");
  });

  test("gets the Gateway API and addons of the version set where they are to be installed.", async () => {
    const { options } = await scene({ install: ["gateway-api", "kiali"] });
    const mirror = await serveHttp((request, response) => void response.end(request.url));
    const { access } = await kubeconfig.create({ ...options, mirror }, signal);
    expect(Object.keys(access.manifests)).toEqual(["gateway-api", "kiali"]);
    const again = await scene({ install: ["gateway-api"] });
    await expect(kubeconfig.create({ ...again.options, offline: true }, signal)).rejects.toMatchObject({
      kind: "environment",
      evidence: expect.stringContaining("gateway-api.yaml"),
    });
  });

  test("loses at the end the namespaces of this run and nothing else, once.", async () => {
    const { options, api, objects } = await scene();
    const cluster = await kubeconfig.create(options, signal);
    const mine = [
      namespace("vmesh-probe", { [clusterLabel]: options.clusterId }),
      namespace("a", { [clusterLabel]: "b" }),
    ];
    objects.push(...mine);
    await cluster.dispose();
    await cluster.dispose();
    const removed = api.requests.filter((line) => line.startsWith("DELETE"));
    expect(removed).toEqual(["DELETE /api/v1/namespaces/vmesh-probe"]);
    expect(existsSync(join(options.stateDir, "kubeconfig"))).toBe(false);
  });

  test("that a killed run left is given back by `clean`, in words.", async () => {
    const { options, objects } = await scene();
    await kubeconfig.create(options, signal);
    objects.push(namespace("vmesh-left", { [clusterLabel]: options.clusterId }));
    const { cacheDir, log, clusterId: only } = options;
    expect(await kubeconfig.clean({ cacheDir, log, only })).toEqual(["namespace vmesh-left", "copy of context x"]);
    expect(await kubeconfig.clean({ cacheDir, log, only })).toEqual([]);
    expect(await kubeconfig.clean({ cacheDir, log })).toEqual([]);
  });

  test("is not taken where vmesh's images are not named, and nothing stays of the attempt.", async () => {
    const { options } = await scene({ images: undefined });
    await expect(kubeconfig.create(options, signal)).rejects.toMatchObject({ kind: "environment" });
    expect(existsSync(join(options.stateDir, "kubeconfig"))).toBe(false);
  });

  test("has the version set's images and the mesh's names where Istio is to be installed.", async () => {
    const { options } = await scene({ install: ["istio"] });
    const { access } = await kubeconfig.create(
      { ...options, versions: "current", mirror: "mirror.example/up" },
      signal,
    );
    expect(access.install).toEqual(["istio"]);
    expect(access.parts["istio/pilot"]).toMatch(/^mirror\.example\/up\/release\/pilot:/);
    expect(access.mesh).toMatchObject({ revision: expect.stringMatching(/^\d+-\d+-\d+$/), network: "kube-network" });
  });
});
