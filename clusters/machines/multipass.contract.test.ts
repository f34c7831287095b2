import { randomBytes } from "node:crypto";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { run } from "../../lib/command.ts";
import { createLog } from "../../lib/log.ts";
import { quote } from "../../lib/shell.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { buildArtifacts } from "../lab/build.ts";
import { ensureEngine } from "../lab/engine.ts";
import { ensurePackages, labPackages } from "../lab/host-packages.ts";
import { labelsOf } from "../lab/labels.ts";
import { createNetwork, removeNetwork } from "../lab/network.ts";
import { addressOf } from "../lab/settings.ts";
import { makeKeys } from "./credentials.ts";
import { type MultipassDouble, multipassDouble } from "./doubles/multipass.fixture.ts";
import { machineContract } from "./machine.contract.ts";
import { multipassAt } from "./multipass-cli.ts";
import { multipassDriver } from "./multipass.ts";
import type { QemuOptions } from "./qemu.ts";

// The driver and all that it reaches over SSH are real; of Multipass there is a double, whose instance is the lab's machine.

machineContract(async (signal) => {
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
  const address = addressOf(network.subnet, 100);
  const double = await multipassDouble(join(folder, "double"));
  await double.set("addresses", `${address}\n`);
  await putQemuBehind(double, join(folder, "behind"), address, {
    dockerHost,
    image: artifacts.images.references["vmesh/machine"],
    disk: artifacts.machine,
    network: network.name,
    address: `${address}/24`,
    gateway: network.gateway,
    dns: network.gateway,
    container: `${clusterId}-vm`,
    labels: labelsOf({ clusterId, cacheDir }),
  });
  process.env["MULTIPASS_DOUBLE"] = double.state;
  const multipass = multipassAt(double.program);
  return {
    driver: multipassDriver({ multipass, prefix: clusterId, image: "24.04", cpus: 1, diskGiB: 5, log }),
    folder,
    async traces() {
      const list = ["ps", "--all", "--format", "{{.Names}}", "--filter", `name=${clusterId}`];
      const { stdout } = await run("docker", list, {
        env: { DOCKER_HOST: dockerHost },
        timeoutMs: timeouts.hostCommand,
      });
      return [...stdout.split("\n").filter((line) => line !== ""), ...(await double.instances())];
    },
    async close() {
      delete process.env["MULTIPASS_DOUBLE"];
      await removeNetwork(engine.socket, network.name);
      await rm(folder, { recursive: true });
      await engine.release();
    },
  };
});

async function putQemuBehind(double: MultipassDouble, behind: string, address: string, options: QemuOptions) {
  await makeKeys(join(behind, "ssh"), address, AbortSignal.timeout(timeouts.shortCommand));
  await writeFile(join(behind, "options.json"), JSON.stringify(options));
  const hooks = join(double.state, "hooks");
  await mkdir(hooks);
  const program = join(import.meta.dirname, "doubles/qemu-behind.ts");
  const words = (verb: string) => [process.execPath, program, behind, verb].map(quote).join(" ");
  for (const verb of ["launch", "exec", "delete"]) {
    await writeFile(join(hooks, verb), `#!/bin/sh\nexec ${words(verb)} "$@"\n`);
    await chmod(join(hooks, verb), 0o755);
  }
}
