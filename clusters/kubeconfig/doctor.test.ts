import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { KubeObject } from "../../lib/kube.ts";
import { type FakeCluster, fakeApi } from "../../lib/kube/fake-api.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { examine } from "./doctor.ts";
import * as like from "./lab-like.fixture.ts";

const images = { workload: "registry.example/workload:1", guest: "registry.example/guest:1" };

/** The findings on a cluster, `level: detail` by name, with what mends those that are not fine. */
async function findings(cluster: Partial<FakeCluster>, settings: Record<string, unknown> = {}, nodes = 1) {
  const folder = await temporaryFolder();
  const istioctl = join(folder, "istioctl");
  await writeFile(istioctl, "#!/bin/sh\necho 1.31.1\n");
  await chmod(istioctl, 0o755);
  const api = await fakeApi({ objects: [], kinds: like.kinds, ...cluster });
  const given = { kubeconfig: api.kubeconfig, istioctl, images, ...settings };
  const found = await examine({ nodes, settings: given, cacheDir: folder });
  const words = found.map(({ name, level, detail, mend, runDoes }) => {
    const rest = [mend && `→ ${mend}`, runDoes && `⇒ ${runDoes}`].filter(Boolean).join(" ");
    return [name, `${level}: ${detail}${rest ? ` ${rest}` : ""}`] as const;
  });
  return { ...Object.fromEntries(words), requests: api.requests };
}

const without = (...names: string[]): KubeObject[] =>
  like.everything.filter(({ kind, metadata }) => !names.includes(metadata.name) && !names.includes(kind));

test("Of a cluster with everything each thing is told, and nothing is changed on it.", async () => {
  const { requests, ...found } = await findings({ objects: [...like.everything] }, {}, 2);
  expect(found).toMatchObject({
    kubeconfig: expect.stringMatching(/^fine: context `x` at http:\/\/127\.0\.0\.1/),
    "API server": "fine: v1.34.0, kind",
    nodes: "fine: 2 nodes, of which 2 are Ready and take pods",
    architecture: "fine: amd64",
    rights: "fine: everything",
    Istio: "fine: 1.31.1, revision 1-31-1, mesh m, network n",
    "istio-cni": "fine: 1.31.1, called by Multus",
    "native sidecars": "fine: kubelets from 1.34 on, istiod decides by itself",
    KubeVirt: "fine: v1.7.0 in namespace `virtual`, phase Deployed",
    Multus: "fine: v4.2.3, DaemonSet `kube-system/kube-multus-ds`",
    "policy engine": "fine: calico-node v3.30.0; a run proves whether it enforces policies",
    "load balancer": "fine: Service `web/front` has 192.0.2.80",
    "cluster DNS": "fine: its Service has 10.96.0.10",
    images: `fine: ${images.workload}, ${images.guest}`,
    istioctl: expect.stringMatching(/^fine: .*istioctl, 1\.31\.1$/),
  });
  expect(requests.filter((line) => !/^(GET|POST .*\/selfsubjectaccessreviews$)/.test(line))).toEqual([]);
});

test.each<[about: string, name: string, expected: RegExp, cluster: Partial<FakeCluster>, settings?: object]>([
  ["no istiod", "Istio", /^limited: not there: .*→ add `--install istio`/, { objects: without("Deployment") }],
  [
    "no istiod, which is to be installed",
    "Istio",
    /^fine: not there ⇒ installs Istio/,
    { objects: without("Deployment") },
    { install: ["istio"] },
  ],
  [
    "an Istio without a revision",
    "Istio",
    /^fine: 1\.31\.1, revision default, mesh without a name, network without a name/,
    { objects: [like.node("one"), ...like.istio("default", {})] },
  ],
  [
    "two istiods, neither of which the default tag points at",
    "Istio",
    /^limited: there are istiods of the revisions a, b, .*→ `istioctl tag set default/,
    { objects: [like.node("one"), ...like.istio("a", {}), ...like.istio("b", {})] },
  ],
  [
    "two istiods and the default tag",
    "Istio",
    /revision b/,
    { objects: [like.node("one"), ...like.istio("a", {}), ...like.istio("b", {}), like.defaultTag("b")] },
  ],
  ["Istio without CNI", "istio-cni", /^limited: .*without its CNI plugin/, { objects: without("istio-cni-node") }],
  [
    "no attachment for istio-cni",
    "istio-cni",
    /^fine: 1\.31\.1, in the chain/,
    { objects: without("NetworkAttachmentDefinition") },
  ],
  [
    "a CNI plugin that waits for Multus without an attachment",
    "istio-cni",
    /^limited: .*waits for Multus.*→ apply a NetworkAttachmentDefinition/,
    {
      objects: [
        ...without("NetworkAttachmentDefinition"),
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "istio-cni-config", namespace: "istio-system" },
          data: { CHAINED_CNI_PLUGIN: "false" },
        },
      ],
    },
  ],
  [
    "an Istio before native sidecars",
    "native sidecars",
    /^limited: proxies are plain containers/,
    { objects: [like.node("one"), ...like.istio("default", {}, "pilot:1.26.0")] },
  ],
  [
    "a KubeVirt that is being deployed",
    "KubeVirt",
    /^missing: .*phase Deploying → look/,
    { objects: [like.node("one"), like.kubevirt("Deploying")] },
  ],
  ["no KubeVirt", "KubeVirt", /^limited: not there/, { objects: without("KubeVirt") }],
  [
    "no Multus",
    "Multus",
    /^limited: not there/,
    { objects: [like.node("one")], kinds: { ...like.kinds, "k8s.cni.cncf.io/v1": {} } },
  ],
  ["no engine for policies", "policy engine", /^limited: none that is known/, { objects: without("calico-node") }],
  [
    "a Service without an address on minikube",
    "load balancer",
    /^limited: EXTERNAL-IP of `web\/front` is <pending> → run `minikube tunnel`/,
    { objects: [like.node("m", { labels: { "minikube.k8s.io/name": "m" } }), like.service("web/front", {}, {})] },
  ],
  [
    "no load balancer on kind",
    "load balancer",
    /^limited: nothing seems .*→ set `loadBalancer` to the address of a node.*extraPortMappings/,
    { objects: [like.node("one", { spec: { providerID: "kind://docker/a/one" } })] },
  ],
  [
    "the setting `loadBalancer`",
    "load balancer",
    /^fine: the setting/,
    { objects: [like.node("one")] },
    { loadBalancer: "192.0.2.1" },
  ],
  ["no cluster DNS", "cluster DNS", /^missing: no Service/, { objects: without("kube-dns") }],
  [
    "no node that is Ready",
    "nodes",
    /^missing: 1 nodes, of which 0/,
    { objects: [like.node("one", { ready: "False" })] },
  ],
  [
    "only tainted nodes",
    "nodes",
    /^missing: 1 nodes, of which 0/,
    { objects: [like.node("one", { spec: { taints: [{ effect: "NoSchedule" }] } })] },
  ],
  ["no images named", "images", /^missing: .*artifacts --push/, { objects: [] }, { images: undefined }],
  ["no host outside", "external host", /^limited: none is named/, { objects: [] }],
  [
    "what is to be installed",
    "release files",
    /^fine: the cache lacks 2 of `current`: kubevirt-operator\.yaml, gateway-api\.yaml ⇒ fetches them/,
    { objects: [] },
    { install: ["kubevirt", "gateway-api"] },
  ],
  ["no machine", "external VM", /^limited: none is named/, { objects: [] }],
])("Of %s the finding `%s` says so.", async (_, name, expected, cluster, settings = {}) => {
  const found: Record<string, unknown> = await findings(cluster, { ...settings });
  expect(found[name]).toMatch(expected);
});

describe("rights", () => {
  test("are each asked for where not everything is allowed, and those that are lacking named.", async () => {
    const found = await findings({
      objects: [...like.everything],
      allows: ({ verb, resource, subresource }) => verb !== "*" && !(resource === "pods" && subresource === "exec"),
    });
    expect(found).toMatchObject({
      rights: expect.stringMatching(
        /^missing: 2 of \d+ are not granted: get pods\/exec, create pods\/exec → `scripts\/vmesh rbac/,
      ),
    });
  });

  test("for some checks alone are no obstacle to the others.", async () => {
    const found = await findings({
      objects: [...like.everything],
      allows: ({ verb, resource }) => verb !== "*" && !(resource === "sidecars" && verb === "create"),
    });
    expect(found).toMatchObject({
      rights: expect.stringMatching(/^limited: 1 of \d+ are not granted: create sidecars/),
    });
  });
});

test("What may not be fetched and is to be installed is named.", async () => {
  const api = await fakeApi({ objects: [...like.everything], kinds: like.kinds });
  const settings = { kubeconfig: api.kubeconfig, images, install: ["gateway-api", "loki"] };
  const found = await examine({ nodes: 1, settings, cacheDir: await temporaryFolder(), offline: true });
  expect(found).toContainEqual(
    expect.objectContaining({
      name: "release files",
      level: "missing",
      detail: "may not be fetched, and the cache lacks 2 of `current`: gateway-api.yaml, addons/loki.yaml",
    }),
  );
});

test("A kubeconfig that is not there is a finding.", async () => {
  const before = process.env["KUBECONFIG"];
  onTestFinished(() => {
    if (before === undefined) delete process.env["KUBECONFIG"];
    else process.env["KUBECONFIG"] = before;
  });
  process.env["KUBECONFIG"] = "/nowhere/kubeconfig";
  const found = await examine({ nodes: 1, settings: { images }, cacheDir: await temporaryFolder(), offline: true });
  expect(found).toContainEqual(expect.objectContaining({ name: "kubeconfig", level: "missing" }));
});
