import { z } from "zod";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { docker } from "./docker.ts";

/** An IPv4 range that is in use on this machine, and by what. */
export interface TakenRange {
  cidr: string;
  by: string;
}

/** Where node networks come from. */
export const nodePool = "172.30.0.0/16";

/** KubeVirt's default for masquerade interfaces (`vmNetworkCIDR`). */
export const guestSubnet = "10.0.2.0/24";

/** The first /24 of `pool` that nothing on the list touches. Throws an environment error when none is left. */
export function chooseSubnet(taken: readonly TakenRange[], pool: string = nodePool): string {
  const { first, last } = parseRange(pool);
  for (let start = first; start <= last; start += 256) {
    const candidate = `${formatAddress(start)}/24`;
    if (!taken.some(({ cidr }) => overlap(cidr, candidate))) return candidate;
  }
  throw environmentError(`No free /24 is left in \`${pool}\` for the node network.`, {
    evidence: taken.map(({ cidr, by }) => `${cidr} ${by}`).join("\n"),
    hint: "name a free one as `nodeSubnet` in the `lab` section of the configuration",
  });
}

/** Why a range cannot be used: who has it; `undefined` when it is free. */
export function conflictOf(range: string, taken: readonly TakenRange[]): TakenRange | undefined {
  return taken.find(({ cidr }) => overlap(cidr, range));
}

/**
 * Checks the ranges of a lab against what is in use and against each other.
 * Throws an environment error that names every conflict and who has the range.
 */
export function checkRanges(ranges: Readonly<Record<string, string>>, taken: readonly TakenRange[]): void {
  const problems = rangeProblems(ranges, taken);
  if (problems.length === 0) return;
  throw environmentError(`${problems.join(" ")}`, {
    hint: "set `nodeSubnet`, `podSubnet` or `serviceSubnet` in the `lab` section to a range that is free here",
  });
}

/** The same as sentences, one for each conflict: `{ podSubnet: "10.244.0.0/16" }`. */
export function rangeProblems(ranges: Readonly<Record<string, string>>, taken: readonly TakenRange[]): string[] {
  const named = Object.entries(ranges).map(([name, cidr]) => ({ cidr, by: `the lab's own \`${name}\`` }));
  return Object.entries(ranges).flatMap(([name, cidr], index) => {
    const conflict = conflictOf(cidr, [...taken, ...named.slice(0, index)]);
    return conflict ? [`\`${name}\` ${cidr} is not free: ${conflict.by} has ${conflict.cidr}.`] : [];
  });
}

/** Every IPv4 range in use: routes of all tables, interface addresses, and the networks of the Docker engine if given. */
export async function takenRanges(socket?: string, signal?: AbortSignal): Promise<TakenRange[]> {
  const options = { timeoutMs: timeouts.hostCommand, signal };
  const [routes, addresses, networks] = await Promise.all([
    run("ip", ["-4", "-json", "route", "show", "table", "all"], options),
    run("ip", ["-4", "-json", "address"], options),
    socket ? docker(socket, "/networks", { signal }) : { body: [] },
  ]);
  return takenFrom(JSON.parse(routes.stdout || "[]"), JSON.parse(addresses.stdout || "[]"), networks.body);
}

/** The same from what `ip -json route`, `ip -json address` and the engine's `/networks` answered. */
export function takenFrom(routes: unknown, addresses: unknown, networks: unknown): TakenRange[] {
  const ofNetworks = networksSchema
    .parse(networks)
    .flatMap(({ Name, IPAM }) =>
      (IPAM.Config ?? []).flatMap(({ Subnet }) =>
        isIpv4(Subnet) ? [{ cidr: Subnet, by: `Docker network \`${Name}\`` }] : [],
      ),
    );
  const ofAddresses = addressesSchema
    .parse(addresses)
    .flatMap(({ ifname, addr_info }) =>
      addr_info.flatMap(({ family, local, prefixlen }) =>
        family === "inet" && local ? [{ cidr: `${local}/${prefixlen}`, by: `interface \`${ifname}\`` }] : [],
      ),
    );
  const ofRoutes = routesSchema.parse(routes).flatMap(({ dst, dev, type }) => {
    if (!isIpv4(dst) || isWholeInternet(dst) || type === "multicast") return [];
    return [
      { cidr: dst.includes("/") ? dst : `${dst}/32`, by: dev ? `a route over \`${dev}\`` : `a \`${type}\` route` },
    ];
  });
  return [...ofNetworks, ...ofAddresses, ...ofRoutes];
}

/** Whether two IPv4 ranges share an address. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parseRange(one), parseRange(other)];
  return a.first <= b.last && b.first <= a.last;
}

const routesSchema = z.array(
  z.object({ dst: z.string(), dev: z.string().optional(), type: z.string().default("unicast") }),
);
const addressesSchema = z.array(
  z.object({
    ifname: z.string(),
    addr_info: z
      .array(z.object({ family: z.string(), local: z.string().optional(), prefixlen: z.number() }))
      .default([]),
  }),
);
const networksSchema = z.array(
  z.object({
    Name: z.string(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().default("") })).nullish() }),
  }),
);

/** The default route, also where a VPN writes it as two halves: it says nothing about who has a range. */
function isWholeInternet(destination: string): boolean {
  return destination === "default" || Number(destination.split("/")[1] ?? 32) <= 1;
}

function isIpv4(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(text);
}

function parseRange(cidr: string): { first: number; last: number } {
  const [address = "", prefix = "32"] = cidr.split("/");
  const parts = address.split(".").map(Number);
  const length = Number(prefix);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)) || !(length >= 0 && length <= 32)) {
    throw environmentError(`\`${cidr}\` is not an IPv4 range, expected for example 172.30.0.0/24.`);
  }
  const size = 2 ** (32 - length);
  const number = parts.reduce((sum, part) => sum * 256 + part, 0);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}

function formatAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
