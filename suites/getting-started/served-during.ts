import type { Fixtures, Peer } from "../../lib/test.ts";

/** Where a proxy counts the requests that it passes on to a service of Bookinfo. */
const inbound = "inbound|9080||";

/** How many requests each of these pods was passed by its own proxy while something was done, by the pods' names. */
export async function servedDuring(
  pods: readonly Peer[],
  { proxy }: Pick<Fixtures, "proxy">,
  action: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const count = async (pod: Peer) => (await proxy(pod)).clusterCounter(inbound, "upstream_rq_total");
  const before = await Promise.all(pods.map(count));
  await action();
  const after = await Promise.all(pods.map(count));
  return Object.fromEntries(pods.map(({ name }, index) => [name, (after[index] ?? 0) - (before[index] ?? 0)]));
}
