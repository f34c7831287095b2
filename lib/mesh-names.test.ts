import { afterEach, expect, test, vi } from "vitest";
import { carryMeshNames, carriedMeshNames, meshNames } from "./mesh-names.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test("Without a section the names and ports are those of the source.", () => {
  expect(meshNames.parse({})).toEqual({
    id: "vmmesh",
    cluster: "test",
    clusterNetwork: "kube-network",
    vmNetwork: "vm-network",
    vmNamespace: "vmns",
    vmServiceAccount: "vmsa",
    vmApp: "external-app",
    gatewayPorts: { status: 15022, istiod: 15013, webhook: 15018 },
  });
});

test("Names that were fixed are those of whatever is loaded afterwards, also in another process.", async () => {
  vi.stubEnv("VMESH_MESH", undefined);
  const names = meshNames.parse({ vmNamespace: "machines", gatewayPorts: { istiod: 16013 } });
  carryMeshNames(names);
  expect(carriedMeshNames()).toEqual(names);
  const { mesh } = await import("./mesh.ts");
  expect(mesh.vm.url).toBe("http://external-app.machines.svc:8000");
  expect(mesh.gateway.ports).toEqual({ status: 15022, istiod: 16013, webhook: 15018, services: 15443 });
});

test.each([
  ["a name with capitals", { vmNamespace: "VMs" }],
  ["a port that is none", { gatewayPorts: { istiod: 70_000 } }],
  ["an unknown key", { vmNamspace: "vms" }],
])("A section with %s is not valid.", (_what, section) => {
  expect(meshNames.safeParse(section).success).toBe(false);
});
