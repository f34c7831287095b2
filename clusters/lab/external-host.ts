import { PullPolicy } from "testcontainers";
import { timeouts } from "../../lib/timeouts.ts";
import { LabContainer, useEngine } from "./container.ts";
import { labelsOf } from "./labels.ts";

/**
 * Starts a host on the nodes' network that is no node: outside the cluster and the mesh, but on this machine, as pods
 * reach nothing else. It serves as the workload of checks does: HTTP on 8080, and TCP that speaks first on 7700. Its DNS server resolves every
 * name to 192.0.2.53.
 */
export async function startExternalHost(options: {
  clusterId: string;
  cacheDir: string;
  image: string;
  network: string;
  address: string;
  dockerHost: string;
}): Promise<void> {
  useEngine(options.dockerHost);
  await new LabContainer(options.image)
    .withAddress(options.address)
    .withName(`${options.clusterId}-external`)
    .withHostname("external")
    .withLabels(labelsOf(options))
    .withPullPolicy(PullPolicy.neverPull())
    .withNetworkMode(options.network)
    .withCommand(["serve", "--name", "external", "--http", "8080", "--tcp", "7700", "--dns", "53"])
    .withStartupTimeout(timeouts.nodeStart)
    .start();
}
