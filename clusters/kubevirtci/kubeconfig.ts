import { readFile, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import { portOf, script, type Scripts } from "./scripts.ts";

const schema = z.looseObject({
  clusters: z
    .array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.url() }) }))
    .min(1, "expected a cluster"),
  users: z.array(z.looseObject({ name: z.string() })).min(1, "expected a user"),
});

/**
 * Copies the kubeconfig that `kubeconfig.sh` names to `target`, with the port that the API server is published at now:
 * it is another one after each start. That the server's certificate is not checked stays as kubevirtci writes it.
 * Throws an environment error if what it wrote is no kubeconfig, or if the API server is published nowhere.
 */
export async function takeKubeconfig(scripts: Scripts, target: string, signal?: AbortSignal): Promise<void> {
  const path = (await script(scripts, "kubeconfig", [], { signal })).stdout.trim();
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw environmentError(`kubevirtci left no kubeconfig at \`${path}\`.`, { cause });
  });
  const config = parseKubeconfig(text, path);
  const port = await portOf(scripts, "k8s", signal);
  if (port === undefined) {
    throw environmentError("kubevirtci does not say at which port the API server is published.", {
      hint: "`cluster-up/cli.sh ports` shows all of them; the cluster may have been stopped",
    });
  }
  for (const { cluster } of config.clusters) cluster.server = atPort(cluster.server, port);
  await writeFile(target, stringify(config), { mode: 0o600 });
}

function parseKubeconfig(text: string, path: string): z.infer<typeof schema> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw environmentError(`What kubevirtci wrote to \`${path}\` is not YAML, expected a kubeconfig.`, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const got = text.trim() === "" ? "it is empty" : `it begins with: ${text.slice(0, 200).trim()}`;
  throw environmentError(`What kubevirtci wrote to \`${path}\` is no kubeconfig.`, {
    evidence: `${got}\n${z.prettifyError(result.error)}`,
    hint: "the copy from the first node failed: see the cluster's `cluster-up.log`",
  });
}

function atPort(server: string, port: number): string {
  const url = new URL(server);
  url.port = String(port);
  return url.href.replace(/\/$/, "");
}
