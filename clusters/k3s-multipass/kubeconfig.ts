import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";

const schema = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.url() }) })).min(1),
});

/**
 * A kubeconfig with its servers at this address, scheme and port as they were: k3s writes 127.0.0.1. Throws an environment
 * error for a text that is no kubeconfig.
 */
export function atAddress(text: string, address: string): string {
  const document = parseDocument(text);
  const result = schema.safeParse(document.errors.length > 0 ? undefined : document.toJS());
  if (!result.success) {
    // A kubeconfig holds keys, what is none may be any message: neither is shown.
    throw environmentError("What k3s wrote as its kubeconfig is none.", { evidence: z.prettifyError(result.error) });
  }
  for (const { cluster } of result.data.clusters) {
    const url = new URL(cluster.server);
    url.hostname = address;
    cluster.server = url.href.replace(/\/$/, "");
  }
  return stringify(result.data);
}
