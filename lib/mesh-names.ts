import { z } from "zod";

const name = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "expected lower-case letters, digits and hyphens");
const port = z.int().min(1).max(65_535);

/** What the parts of a mesh over two networks are called, and the ports of its gateway: the `mesh` section. */
export const meshNames = z.strictObject({
  id: name.default("vmmesh"),
  cluster: name.default("test"),
  /** Network of the pods, and that of the VMs outside the cluster. */
  clusterNetwork: name.default("kube-network"),
  vmNetwork: name.default("vm-network"),
  /** Where the external VM is registered, with whose identity, and as what. */
  vmNamespace: name.default("vmns"),
  vmServiceAccount: name.default("vmsa"),
  vmApp: name.default("external-app"),
  /** Shifted by one: 15021, 15012 and 15017 may be an ingress gateway's on the same address. */
  gatewayPorts: z
    .strictObject({ status: port.default(15022), istiod: port.default(15013), webhook: port.default(15018) })
    .prefault({}),
});
export type MeshNames = z.infer<typeof meshNames>;

const variable = "VMESH_MESH";

/**
 * Fixes the names for this process and those that it starts. They are constants of `mesh.ts`, so that this comes before
 * anything that imports it.
 */
export function carryMeshNames(names: MeshNames): void {
  process.env[variable] = JSON.stringify(names);
}

/** The names that were fixed, or the usual ones. */
export function carriedMeshNames(): MeshNames {
  return meshNames.parse(JSON.parse(process.env[variable] ?? "{}"));
}
