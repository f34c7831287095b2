import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Kube, KubeObject, ObjectRef } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import type { Target } from "./component.ts";
import { gatewayApi } from "./gateway-api.ts";

const name = "gateways.gateway.networking.k8s.io";
const definition = (version: string): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name, annotations: { "gateway.networking.k8s.io/bundle-version": version } },
});
const accepted: KubeObject = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name: "istio" },
  status: { conditions: [{ type: "Accepted", status: "True" }] },
};

/** A cluster with these objects, and the names of what is applied to it; the manifest is of version v2. */
async function cluster(...objects: KubeObject[]): Promise<{ target: Target; applied: string[] }> {
  const manifest = join(await temporaryFolder(), "gateway-api.yaml");
  await writeFile(manifest, JSON.stringify(definition("v2")));
  const applied: string[] = [];
  const kube = {
    get: async ({ name: wanted }: ObjectRef) => objects.find(({ metadata }) => metadata.name === wanted),
    apply: async (added: readonly KubeObject[]) => {
      applied.push(...added.map(({ metadata }) => metadata.name));
      objects.push(...added);
    },
  } as unknown as Kube;
  const access = { manifests: { kubevirt: "", "gateway-api": manifest } } as Target["access"];
  return { target: { access, kube, log: createLog({ write: () => {} }) }, applied };
}

test("A cluster without the Gateway API gets the provider's.", async () => {
  const { target, applied } = await cluster(accepted);
  await gatewayApi.install(target, AbortSignal.timeout(5_000));
  expect(applied).toEqual([name]);
  expect(await gatewayApi.version(target)).toBe("v2");
});

test("A cluster that has it keeps its own.", async () => {
  const { target, applied } = await cluster(accepted, definition("v1"));
  await gatewayApi.install(target, AbortSignal.timeout(5_000));
  expect(applied).toEqual([]);
  expect(await gatewayApi.version(target)).toBe("v1");
});

test("A provider without the manifest leaves it out, and says so.", async () => {
  const { target } = await cluster();
  const without = { ...target, access: { manifests: { kubevirt: "" } } as Target["access"] };
  expect(gatewayApi.absent?.(target)).toBeUndefined();
  expect(gatewayApi.absent?.(without)).toBe("the provider has no manifest of Gateway API");
});
