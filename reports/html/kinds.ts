/** A place in the picture. */
interface Place {
  name: string;
  plural: string;
  network: "vm" | "cluster" | "outside";
  /** It has a proxy and an identity. */
  meshed: boolean;
}

/** What a peer is and where, from the top of the picture to its bottom. */
export const kinds = {
  vm: { name: "external VM", plural: "external VMs", network: "vm", meshed: true },
  "mesh-pod": { name: "mesh pod", plural: "mesh pods", network: "cluster", meshed: true },
  "mesh-vmi": { name: "VMI with sidecar", plural: "VMIs with sidecar", network: "cluster", meshed: true },
  vmi: { name: "VMI without proxy", plural: "VMIs without proxy", network: "cluster", meshed: false },
  pod: { name: "pod without proxy", plural: "pods without proxy", network: "cluster", meshed: false },
  host: { name: "host outside", plural: "hosts outside", network: "outside", meshed: false },
  unknown: { name: "not identified", plural: "not identified", network: "outside", meshed: false },
} as const satisfies Record<string, Place>;

export type Kind = keyof typeof kinds;

export const kindsInOrder = Object.keys(kinds) as Kind[];
