import { environmentError } from "../errors.ts";
import type { KubeObject } from "../kube.ts";
import { scaled, timeouts } from "../timeouts.ts";
import type { Bundle } from "./bundle.ts";
import type { ClusterScene } from "./namespace.ts";

const programs = [["nft", "list", "ruleset"], ["iptables-save"]] as const;

/**
 * Writes the packet rules of a pod's network, as the first of these containers shows them that can. Most lack the
 * program or the privilege, which is told in one line.
 */
export async function collectPacketRules(
  bundle: Bundle,
  { kube, timeScale }: ClusterScene,
  pod: KubeObject,
  containers: readonly string[],
): Promise<void> {
  const { name, namespace = "" } = pod.metadata;
  const target = { namespace, pod: name, timeoutMs: scaled(timeouts.exec, timeScale) };
  await bundle.collect(`packet rules of ${namespace}/${name}`, async (signal) => {
    const reasons: string[] = [];
    for (const container of containers) {
      for (const command of programs) {
        const { stdout, reason } = await kube.exec({ ...target, container, command, signal }).then(
          ({ stdout, stderr, exitCode }) => ({ stdout, reason: exitCode === 0 ? "it shows none" : stderr.trim() }),
          (error: unknown) => ({ stdout: "", reason: error instanceof Error ? error.message : String(error) }),
        );
        if (stdout !== "") return bundle.write(`${namespace}/${name}/packet-rules.txt`, stdout, "first");
        reasons.push(`\`${command.join(" ")}\` in ${container}: ${reason}`);
      }
    }
    throw environmentError(`No container shows them. ${reasons.join("; ")}`);
  });
}
