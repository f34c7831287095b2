import { parse } from "yaml";
import { z } from "zod";
import type { Target } from "./component.ts";
import { meshConfigText } from "./mesh-config.ts";

const meshConfig = z.looseObject({
  defaultProviders: z.looseObject({ metrics: z.array(z.string()).optional() }).optional(),
});

/**
 * Whether proxies count requests as Istio does (`istio_requests_total`): what the provider says of its proxies, and else
 * what the mesh is configured for. Before Istio 1.13 there were no providers, and metrics always.
 */
export async function countsRequests({ access, kube }: Target, revision: string): Promise<true | string> {
  const word = access.capabilities["istio-metrics"];
  if (typeof word === "string") return word;
  const config = meshConfig.safeParse(parse(await meshConfigText(kube, revision)) ?? {});
  const providers = config.success ? config.data.defaultProviders?.metrics : undefined;
  return providers?.length === 0 ? "the mesh's configuration has no provider of metrics" : true;
}
