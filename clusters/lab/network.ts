import { HarnessError, environmentError } from "../../lib/errors.ts";
import { docker } from "./docker.ts";
import { labelsOf } from "./labels.ts";
import { checkRanges, chooseSubnet, takenRanges } from "./subnets.ts";

/** The network the nodes of one lab are on. */
export interface LabNetwork {
  name: string;
  subnet: string;
  /** The host's own address on it: where the registry listens. */
  gateway: string;
  /** The host's interface. */
  bridge: string;
}

export interface NetworkOptions {
  clusterId: string;
  /** The cache the lab belongs to; named in a label. */
  cacheDir: string;
  /** As configured; a free one is chosen without it. */
  subnet?: string | undefined;
  /** Further ranges of the lab, checked together with the network's own: `{ podSubnet, serviceSubnet }`. */
  ranges?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}

/**
 * Creates the labelled Docker network of a lab. It is internal: nodes get no default route, so nothing they send leaves
 * the machine. Throws an environment error that names who has a range that is taken.
 */
export async function createNetwork(socket: string, options: NetworkOptions): Promise<LabNetwork> {
  const { clusterId, ranges = {}, signal } = options;
  // Between look and creation another run may take the same range: then look again.
  for (let attempt = 1; ; attempt += 1) {
    const taken = await takenRanges(socket, signal);
    const subnet = options.subnet ?? chooseSubnet(taken);
    checkRanges({ nodeSubnet: subnet, ...ranges }, taken);
    const network = describeNetwork(clusterId, subnet);
    try {
      await docker(socket, "/networks/create", { method: "POST", body: creation(network, labelsOf(options)), signal });
      return network;
    } catch (error) {
      const lostRace = error instanceof HarnessError && error.evidence?.includes("overlaps with other one");
      if (!lostRace || options.subnet || attempt === 5) throw error;
    }
  }
}

/** Removes the network; one that is gone already is fine. */
export async function removeNetwork(socket: string, name: string): Promise<void> {
  await docker(socket, `/networks/${name}`, { method: "DELETE", accept: [404] });
}

/** Names and addresses of a lab's network, before it exists. The kernel allows 15 characters for an interface. */
export function describeNetwork(clusterId: string, subnet: string): LabNetwork {
  const bridge = `vm-${clusterId}`;
  if (!/^vm-[a-z0-9-]{1,12}$/.test(bridge)) {
    throw environmentError(`\`${clusterId}\` cannot name a network, expected up to 12 of a-z, 0-9 and \`-\`.`);
  }
  return { name: `vmesh-${clusterId}`, subnet, gateway: subnet.replace(/\.\d+\/\d+$/, ".1"), bridge };
}

function creation({ name, subnet, gateway, bridge }: LabNetwork, labels: Record<string, string>): unknown {
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: "bridge",
    Internal: true,
    IPAM: { Driver: "default", Config: [{ Subnet: subnet, Gateway: gateway }] },
    Options: { "com.docker.network.bridge.name": bridge },
    Labels: labels,
  };
}
