import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Kube, KubeObject, ObjectRef } from "../../lib/kube.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { bring } from "./bring.ts";
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

let servedVersion = "gateway.networking.k8s.io/v1";
afterEach(() => void (servedVersion = "gateway.networking.k8s.io/v1"));

/** A cluster with these objects, and the names of what is applied to it; the manifest is of version v2. */
async function cluster(...objects: KubeObject[]): Promise<{ target: Target; applied: string[] }> {
  const manifest = join(await temporaryFolder(), "gateway-api.yaml");
  await writeFile(manifest, JSON.stringify(definition("v2")));
  const applied: string[] = [];
  const kube = {
    serves: async (apiVersion: string) => apiVersion === servedVersion,
    get: async ({ name: wanted }: ObjectRef) => objects.find(({ metadata }) => metadata.name === wanted),
    apply: async (added: readonly KubeObject[]) => {
      applied.push(...added.map(({ metadata }) => metadata.name));
      objects.push(...added);
    },
  } as unknown as Kube;
  const access = { install: "missing", manifests: { "gateway-api": manifest } } as unknown as Target["access"];
  return { target: { access, kube, log: createLog({ write: () => {} }) }, applied };
}

const brought = (target: Target) =>
  bring(gatewayApi, { target, unmet: undefined, signal: AbortSignal.timeout(60_000) });

test("A cluster without the Gateway API gets the provider's.", async () => {
  const { target, applied } = await cluster(accepted);
  expect(await brought(target)).toMatchObject({ state: "installed", version: "v2" });
  expect(applied).toEqual([name]);
});

test("A cluster that has it keeps its own.", async () => {
  const { target, applied } = await cluster(accepted, definition("v1"));
  expect(await brought(target)).toMatchObject({ state: "found", version: "v1" });
  expect(applied).toEqual([]);
});

test("A provider without the manifest leaves it out, and says so.", async () => {
  const { target } = await cluster();
  const without = { ...target, access: { ...target.access, manifests: {} } };
  const reason = "`gateway-api` is not on the cluster, and the provider has no manifest of it";
  expect(await brought(without)).toEqual({ state: "missing", reason });
});

test("One that is older than v1 is of no use to the checks, and they are told.", async () => {
  servedVersion = "gateway.networking.k8s.io/v1beta1";
  const { target } = await cluster(definition("v0.8.0"));
  const capabilities = { "gateway-api": "the cluster's Gateway API is older than its version v1" };
  expect(await brought(target)).toEqual({ state: "found", version: "v0.8.0", facts: { capabilities } });
});
