import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { ensurePackages } from "../lab/host-packages.ts";
import { buildTestImages } from "../lab/images.ts";
import type { ContainerCli } from "./container-cli.ts";

/** References by which the nodes pull the images of the checks' peers. */
export interface TestImages {
  workload: string;
  guest: string;
}

/**
 * kubevirtci runs a registry beside its nodes, which know it as `registry:5000` and trust it without TLS; on this machine
 * it is published at a random port, `cluster-up/cli.sh ports registry`. kubevirtci's own documentation pushes there.
 */
const registryInside = "registry:5000";

/**
 * Builds the checks' images in the engine, as the lab does, and returns their references there. Throws an environment
 * error on a machine where they cannot be built.
 */
export async function builtTestImages(
  cli: ContainerCli,
  options: { cacheDir: string; log: Log; signal: AbortSignal },
): Promise<TestImages> {
  if (cli.runtime !== "docker") {
    throw environmentError("The images of the checks can be built with docker alone, got podman.", {
      hint: "push them where the nodes can pull them, and name them in `settings.kubevirtci.images`",
    });
  }
  await ensurePackages(buildPackages, options);
  return buildTestImages({ ...options, dockerHost: `unix://${cli.socket}` });
}

/** Debian packages that the guest's disk is made with; of the engine there is one already, whoever installed it. */
export const buildPackages = "mmdebstrap dosfstools mtools syslinux xz-utils util-linux python3-pip".split(" ");

/** Pushes images of the engine to the cluster's own registry; returns how its nodes know them. */
export async function pushTestImages(
  cli: ContainerCli,
  images: TestImages,
  { port, signal }: { port: number; signal: AbortSignal },
): Promise<TestImages> {
  const push = async (reference: string): Promise<string> => {
    // Without the registry that it was built for.
    const name = reference.replace(/^[^/]*[.:][^/]*\//, "");
    const target = `localhost:${port}/${name}`;
    await cli.run(["tag", reference, target], { signal });
    try {
      await cli.run(["push", ...plain(cli), target], { signal, timeoutMs: timeouts.imageBuild });
    } finally {
      await cli.run(["rmi", target], { allowFailure: true });
    }
    return `${registryInside}/${name}`;
  };
  return { workload: await push(images.workload), guest: await push(images.guest) };
}

/** docker trusts every registry on the loopback interface, podman has to be told. */
function plain({ runtime }: ContainerCli): string[] {
  return runtime === "podman" ? ["--tls-verify=false"] : [];
}
