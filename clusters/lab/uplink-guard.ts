import { existsSync } from "node:fs";
import { z } from "zod";
import { type CommandResult, run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";

export interface GuardOptions {
  clusterId: string;
  /** Address ranges that must stay on this machine, by name: `{ nodes, pods, services, vms }`. */
  ranges: Readonly<Record<string, string>>;
  /** Interfaces that lead off this machine, see `findUplinks`. */
  interfaces: readonly string[];
  /** Named network namespace to guard instead of the host's own. */
  netns?: string;
}

/** What has left towards an address of a range, or with one as its source. */
export interface LeakCount {
  range: string;
  cidr: string;
  packets: number;
  bytes: number;
}

/**
 * Counts what leaves over the interfaces for the ranges, from now on; drops nothing. The netdev egress hook sees every
 * packet on its way to the device: forwarded, of the host itself, and bridged ones that no IP hook would see.
 * Throws an environment error where the kernel lacks it (before Linux 5.16, or built without NETFILTER_EGRESS).
 */
export async function startGuard(options: GuardOptions): Promise<void> {
  // Since Linux 6.16 a hook may name an interface that does not exist yet; it would count nothing.
  for (const name of options.interfaces) await inNamespace(options, "ip", ["link", "show", "dev", name]);
  const { exitCode, stderr } = await inNamespace(options, "nft", ["-f", "-"], {
    input: guardRules(options),
    allowFailure: true,
  });
  if (exitCode === 0) return;
  throw environmentError("The packet counter on the uplinks cannot be set up.", {
    evidence: stderr,
    hint: "it needs nf_tables with the netdev egress hook: Linux 5.16 or newer with NETFILTER_EGRESS",
  });
}

/** The counts since `startGuard`. Throws an environment error if the guard is not there, so that 0 always means none. */
export async function readGuard(options: GuardOptions): Promise<LeakCount[]> {
  const { stdout } = await inNamespace(options, "nft", [
    "--json",
    "list",
    "counters",
    "table",
    "netdev",
    tableOf(options.clusterId),
  ]);
  return countsOf(JSON.parse(stdout), options.ranges);
}

/** Ends the counting; a guard that is gone already is fine. */
export async function removeGuard(options: Pick<GuardOptions, "clusterId" | "netns">): Promise<void> {
  const table = `table netdev ${tableOf(options.clusterId)}`;
  await inNamespace(options, "nft", ["-f", "-"], { input: `${table} {}\ndelete ${table}\n` });
}

/** Whether a cluster has a guard on this machine. */
export async function hasGuard(clusterId: string): Promise<boolean> {
  // Without the program no guard was started.
  if (!["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft"].some((path) => existsSync(path))) return false;
  const { stdout } = await inNamespace({}, "nft", ["--json", "list", "tables", "netdev"]);
  // A table's name has `_` for each `-` of the id.
  return guardsOf(JSON.parse(stdout)).includes(clusterId.replaceAll("-", "_"));
}

/** The same from what `nft --json list tables` printed. */
export function guardsOf(listing: unknown): string[] {
  const tables = tablesSchema.parse(listing).nftables.flatMap(({ table }) => table?.name ?? []);
  return tables.filter((name) => name.startsWith("vmesh_")).map((name) => name.slice("vmesh_".length));
}

/** Throws an environment error that names each range that leaked, with its count. */
export function assertNoLeak(counts: readonly LeakCount[]): void {
  const leaks = counts.filter(({ packets }) => packets > 0);
  if (leaks.length === 0) return;
  const words = leaks.map(({ range, cidr, packets, bytes }) => `${packets} (${bytes} bytes) for \`${range}\` ${cidr}`);
  throw environmentError(`Packets of the lab left this machine over an uplink, expected 0: ${words.join(", ")}.`, {
    hint: "a node, pod or VM has a route off its network; compare `ip route` in the nodes and on the host",
  });
}

/** The interfaces of this machine that lead off it. */
export async function findUplinks(): Promise<string[]> {
  const options = { timeoutMs: timeouts.hostCommand };
  const [links, routes] = await Promise.all([
    run("ip", ["-json", "-details", "link"], options),
    run("ip", ["-json", "route", "show", "table", "all"], options),
  ]);
  return uplinksOf(JSON.parse(links.stdout), JSON.parse(routes.stdout || "[]"));
}

/**
 * Real hardware, tunnels and whatever carries a route through a gateway. A bridge, a veth or a tap on a bridge stays on
 * the machine unless such a route says otherwise.
 */
export function uplinksOf(links: unknown, routes: unknown): string[] {
  const routed = new Set(
    routesSchema.parse(routes).flatMap(({ dst, dev, gateway }) => (dev && (gateway || dst === "default") ? [dev] : [])),
  );
  const leadsOff = ({ ifname, link_type, master, linkinfo }: z.infer<typeof linksSchema>[number]) => {
    if (link_type === "loopback") return false;
    const kind = linkinfo?.info_kind;
    if (routed.has(ifname) || kind === undefined) return true;
    return !localKinds.has(kind) && !(kind === "tun" && master !== undefined);
  };
  return linksSchema
    .parse(links)
    .filter(leadsOff)
    .map(({ ifname }) => ifname);
}

/** The rules as `nft -f` reads them. Starting anew begins at 0. */
export function guardRules({ clusterId, ranges, interfaces }: GuardOptions): string {
  const table = `table netdev ${tableOf(clusterId)}`;
  const names = Object.keys(ranges);
  const devices = interfaces.map((name) => `"${name}"`).join(", ");
  const chain = [
    "  chain leaving {",
    `    type filter hook egress devices = { ${devices} } priority 0; policy accept;`,
    ...Object.entries(ranges).flatMap(([name, cidr]) => [
      `    ip daddr ${cidr} counter name "${name}"`,
      `    ip daddr != ${cidr} ip saddr ${cidr} counter name "${name}"`,
    ]),
    "  }",
  ];
  return [
    `${table} {}`,
    `delete ${table}`,
    `${table} {`,
    ...names.map((name) => `  counter ${name} {}`),
    // A machine without any uplink has nothing to hook into.
    ...(interfaces.length > 0 ? chain : []),
    "}\n",
  ].join("\n");
}

/** The counts in what `nft --json list counters` printed. A range without its counter is an error. */
export function countsOf(listing: unknown, ranges: Readonly<Record<string, string>>): LeakCount[] {
  const counters = listingSchema.parse(listing).nftables.flatMap(({ counter }) => counter ?? []);
  return Object.entries(ranges).map(([range, cidr]) => {
    const counter = counters.find(({ name }) => name === range);
    if (!counter) throw environmentError(`The packet counter of range \`${range}\` is gone.`);
    return { range, cidr, packets: counter.packets, bytes: counter.bytes };
  });
}

const routesSchema = z.array(z.object({ dst: z.string(), dev: z.string().optional(), gateway: z.string().optional() }));
const linksSchema = z.array(
  z.object({
    ifname: z.string(),
    link_type: z.string(),
    master: z.string().optional(),
    linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  }),
);
const listingSchema = z.object({
  nftables: z.array(
    z.object({ counter: z.object({ name: z.string(), packets: z.number(), bytes: z.number() }).optional() }),
  ),
});
const tablesSchema = z.object({ nftables: z.array(z.object({ table: z.object({ name: z.string() }).optional() })) });
const localKinds: ReadonlySet<string> = new Set(["bridge", "veth", "dummy", "ifb", "vxlan", "nlmon"]);

function tableOf(clusterId: string): string {
  return `vmesh_${clusterId.replaceAll("-", "_")}`;
}

async function inNamespace(
  { netns }: { netns?: string },
  tool: string,
  args: readonly string[],
  options: { input?: string; allowFailure?: boolean } = {},
): Promise<CommandResult> {
  const settings = { timeoutMs: timeouts.hostCommand, ...options };
  return netns ? run("ip", ["netns", "exec", netns, tool, ...args], settings) : run(tool, args, settings);
}
