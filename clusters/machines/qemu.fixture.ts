import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { run } from "../../lib/command.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { buildArtifacts } from "../lab/build.ts";
import { ensureEngine } from "../lab/engine.ts";
import { ensurePackages, labPackages } from "../lab/host-packages.ts";
import { labelsOf } from "../lab/labels.ts";
import { createNetwork, removeNetwork } from "../lab/network.ts";
import { addressOf } from "../lab/settings.ts";
import type { QemuOptions } from "./qemu.ts";

/** Where a contract's one machine of QEMU runs: an engine, a network, a folder. */
export interface MachinePlace {
  clusterId: string;
  folder: string;
  log: Log;
  options: QemuOptions;
  /** Names of the containers that are there, a machine each. */
  containers(): Promise<string[]>;
  close(): Promise<void>;
}

/** Makes the place; what the machine is made of is built if the cache does not have it. */
export async function placeForMachine(signal: AbortSignal): Promise<MachinePlace> {
  const cacheDir = inject("cacheDir");
  const log = createLog({});
  const clusterId = `vmesh-${randomBytes(3).toString("hex")}`;
  const folder = join(cacheDir, "clusters", clusterId);
  await ensurePackages(labPackages, { log, signal });
  const engine = await ensureEngine({ cacheDir, log, signal });
  const artifacts = await buildArtifacts({ cacheDir, socket: engine.socket, log, signal });
  const network = await createNetwork(engine.socket, { clusterId, cacheDir, signal });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const dockerHost = `unix://${engine.socket}`;
  return {
    clusterId,
    folder,
    log,
    options: {
      dockerHost,
      image: artifacts.images.references["vmesh/machine"],
      disk: artifacts.machine,
      network: network.name,
      address: `${addressOf(network.subnet, 100)}/24`,
      gateway: network.gateway,
      dns: network.gateway,
      container: `${clusterId}-vm`,
      labels: labelsOf({ clusterId, cacheDir }),
    },
    async containers() {
      const list = ["ps", "--all", "--format", "{{.Names}}", "--filter", `name=${clusterId}`];
      const { stdout } = await run("docker", list, {
        env: { DOCKER_HOST: dockerHost },
        timeoutMs: timeouts.hostCommand,
      });
      return stdout.split("\n").filter((line) => line !== "");
    },
    async close() {
      await removeNetwork(engine.socket, network.name);
      await rm(folder, { recursive: true });
      await engine.release();
    },
  };
}
