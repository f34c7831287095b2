import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { loadManifests } from "../../lib/manifests.ts";
import type { Multipass } from "../machines/multipass-cli.ts";
import type { ClusterAccess } from "../provider.ts";

export type CniFolders = NonNullable<ClusterAccess["cniFolders"]>;

const data = "/var/lib/rancher/k3s";

/**
 * Where k3s has CNI's programs and configurations, as Istio's profile platform-k3s says: programs have a folder of their
 * own since the releases of October 2024 (v1.28.15 and so on), before that they are among k3s' own.
 */
export async function cniFolders(multipass: Multipass, server: string, signal: AbortSignal): Promise<CniFolders> {
  const script = `if test -d ${data}/data/cni; then echo cni; else echo current/bin; fi`;
  const { stdout } = await multipass.sh(server, script, { signal });
  return { programs: `${data}/data/${stdout.trim()}`, configurations: `${data}/agent/etc/cni/net.d` };
}

/** Writes the manifests of Multus for these folders into `stateDir` and returns their file. */
export async function writeMultus(image: string, folders: CniFolders, stateDir: string): Promise<string> {
  const kind = join(import.meta.dirname, "../components/multus.yaml");
  const objects = [
    ...(await loadManifests(kind, {})),
    ...(await loadManifests(join(import.meta.dirname, "multus.yaml"), { image, ...folders })),
  ];
  const file = join(stateDir, "multus.yaml");
  await writeFile(file, objects.map((object) => stringify(object)).join("---\n"));
  return file;
}
