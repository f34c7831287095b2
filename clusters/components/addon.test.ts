import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { environmentError } from "../../lib/errors.ts";
import type { Kube, KubeObject } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import type { ClusterAccess } from "../provider.ts";
import { addon } from "./addon.ts";
import type { Target } from "./component.ts";
import { grafana } from "./grafana.ts";
import { jaeger } from "./jaeger.ts";
import { kiali } from "./kiali.ts";
import { loki } from "./loki.ts";
import { prometheus } from "./prometheus.ts";

const { signal } = new AbortController();
const rolledOut = (name: string, kind = "Deployment"): KubeObject => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace: "istio-system" },
  spec: { replicas: 1, template: { spec: { containers: [{ name, image: `quay.io/x/${name}:v2.27` }] } } },
  status: { availableReplicas: 1, readyReplicas: 1 },
});

/** A cluster with these objects, whose API refuses the first `refusals` tries to apply. */
function targetWith(
  access: Partial<ClusterAccess>,
  { objects = [], refusals = 0 }: { objects?: KubeObject[]; refusals?: number } = {},
) {
  const applied: KubeObject[] = [];
  let left = refusals;
  const kube = {
    async apply(given) {
      if (left-- > 0) throw environmentError('no matches for kind "MonitoringDashboard"');
      applied.push(...given);
    },
    get: async ({ kind, name }) => objects.find((one) => one.kind === kind && one.metadata.name === name),
    list: async ({ kind }) => objects.filter((one) => one.kind === kind),
  } satisfies Partial<Kube> as unknown as Kube;
  const whole = { install: "missing", parts: {}, manifests: {}, versions: {}, ...access } as ClusterAccess;
  const target: Target = { access: whole, kube, log: createLog({ write: () => {} }) };
  return { target, applied };
}

const lab = { install: "everything", parts: { prometheus: "r/prometheus:1", jaeger: "r/jaeger:1" } } as const;

describe("In the lab", () => {
  test.each([prometheus, jaeger])("$name is there, as the image of it is built.", ({ absent }) => {
    expect(absent?.(targetWith(lab).target)).toBeUndefined();
  });

  test.each([kiali, grafana, loki])("$name is absent, as no package registry has it.", ({ absent }) => {
    expect(absent?.(targetWith(lab).target)).toMatch(/package registries have, and none has it/);
  });

  test.each([prometheus, jaeger])("$name is put on the cluster with that image.", async (component) => {
    const { target, applied } = targetWith({ ...lab, versions: { istio: "1.31.1" } });
    await component.install(target, signal);
    const workload = applied.find(({ kind }) => kind === "Deployment");
    expect(JSON.stringify(workload)).toContain(`"image":"r/${component.name}:1"`);
    expect(workload?.metadata).toMatchObject({ name: component.name, namespace: "istio-system" });
  });

  test("Prometheus scrapes every proxy's own page and the istiod of this revision.", async () => {
    const { target, applied } = targetWith({ ...lab, versions: { istio: "1.31.1" } });
    await prometheus.install(target, signal);
    const config = JSON.stringify(applied.find(({ kind }) => kind === "ConfigMap"));
    expect(config).toContain("istiod-1-31-1.istio-system.svc.cluster.local:15014");
    expect(config).toContain("regex: istio-proxy;15090");
  });
});

describe("Elsewhere", () => {
  test("an addon is lacked where the version set has no file of it.", () => {
    expect(kiali.lacks?.(targetWith({}).target)).toMatch(/version set has no file of it/);
    expect(kiali.lacks?.(targetWith({ manifests: { kiali: "/k.yaml" } }).target)).toBeUndefined();
  });

  test("the sample's objects are applied as they are, again where the API does not take all at once.", async () => {
    const file = join(await temporaryFolder(), "kiali.yaml");
    const text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kiali}\ndata: {a: '${namespace}'}\n";
    await writeFile(file, text);
    const { target, applied } = targetWith({ manifests: { kiali: file } }, { refusals: 2 });
    await kiali.install(target, signal);
    expect(applied).toEqual([expect.objectContaining({ kind: "ConfigMap", data: { a: "${namespace}" } })]);
  });

  test("an addon that is there is found with the version of its image.", async () => {
    const { target } = targetWith({}, { objects: [rolledOut("kiali"), rolledOut("loki", "StatefulSet")] });
    expect(await kiali.find?.(target, signal)).toBe("v2.27");
    expect(await loki.find?.(target, signal)).toBe("v2.27");
    expect(await grafana.find?.(target, signal)).toBeUndefined();
  });

  test("Loki is not for a cluster without a default StorageClass.", async () => {
    const storage = (annotations: Record<string, string>): KubeObject => {
      return { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "s", annotations } };
    };
    const found = (objects: KubeObject[]) =>
      loki.find?.(targetWith({ manifests: { loki: "l.yaml" } }, { objects }).target, signal);
    expect(await found([storage({})])).toMatchObject({ unusable: expect.stringContaining("no default StorageClass") });
    expect(await found([storage({ "storageclass.kubernetes.io/is-default-class": "true" })])).toBeUndefined();
  });

  test("an addon is ready once it is rolled out and its probe has succeeded, and tells what the probe found.", async () => {
    const steps: string[] = [];
    const { target } = targetWith({}, { objects: [rolledOut("kiali")] });
    const component = addon({
      name: "kiali",
      workload: "Deployment",
      capability: "kiali",
      needs: [],
      probe: async () => {
        steps.push("probe");
        return { capabilities: { kiali: "it shows nothing" } };
      },
    });
    expect(await component.prove?.(target, signal)).toEqual({ capabilities: { kiali: "it shows nothing" } });
    expect(await component.version(target)).toBe("v2.27");
    expect(steps).toEqual(["probe"]);
  });
});
