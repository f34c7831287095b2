import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { ensureEngine } from "./engine.ts";
import { ensurePackages, labPackages } from "./host-packages.ts";
import { buildImages } from "./images.ts";
import { registryName } from "./registry.ts";

/**
 * Builds the images of vmesh's own, workload and guest, and pushes them to a registry, with the logins that Docker's
 * client knows. Returns their names there. Throws an environment error if there is no engine or no right to push.
 */
export async function pushOwnImages(
  registry: string,
  options: { cacheDir: string; log: Log; signal: AbortSignal },
): Promise<{ workload: string; guest: string }> {
  const { log, signal } = options;
  await ensurePackages(labPackages, { log, signal });
  const engine = await ensureEngine(options);
  try {
    const dockerHost = `unix://${engine.socket}`;
    const names = ["vmesh/workload", "vmesh/guest"] as const;
    const { references } = await buildImages({ ...options, dockerHost, programs: {} }, names);
    const docker = (...args: string[]) =>
      run("docker", args, { env: { DOCKER_HOST: dockerHost }, timeoutMs: timeouts.imageBuild, signal });
    const push = async (reference: string) => {
      const target = reference.replace(registryName, registry.replace(/^https?:\/\//, "").replace(/\/+$/, ""));
      await docker("tag", reference, target);
      await docker("push", "--quiet", target);
      log.info(`pushed ${target}`);
      return target;
    };
    return { workload: await push(references["vmesh/workload"]), guest: await push(references["vmesh/guest"]) };
  } finally {
    await engine.release();
  }
}
