import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { BuiltImages } from "./images.ts";
import { registryName } from "./registry.ts";
import { slots } from "./tasks.ts";

/** Pushes at a time: the engine compresses each layer on one processor. */
const PARALLEL = 2;

export interface PushOptions {
  dockerHost: string;
  /** A registry as the engine reaches it, on the loopback interface: `127.0.0.1:PORT`. */
  registryAddress: string;
  log: Log;
  signal: AbortSignal;
}

/** Pushes every image that nodes pull, that is all but the node's own, under the name they pull it by. */
export async function pushImages(references: Partial<BuiltImages["references"]>, options: PushOptions): Promise<void> {
  const { dockerHost, registryAddress, log, signal } = options;
  const docker = (...args: string[]) =>
    run("docker", args, { env: { DOCKER_HOST: dockerHost }, timeoutMs: timeouts.imageBuild, signal });
  const pulled = Object.entries(references).filter(([name]) => name !== "vmesh/node");
  const slot = slots(PARALLEL);
  let done = 0;
  await Promise.all(
    pulled.map(([name, reference]) =>
      slot(async () => {
        const target = reference.replace(registryName, registryAddress);
        await docker("tag", reference, target);
        try {
          await docker("push", "--quiet", target);
        } finally {
          await docker("rmi", "--no-prune", target);
        }
        done += 1;
        log.step(done, pulled.length, `image ${name} is in the registry`);
      }),
    ),
  );
}
