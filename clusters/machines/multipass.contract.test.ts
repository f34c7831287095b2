import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "../../lib/shell.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { makeKeys } from "./credentials.ts";
import { type MultipassDouble, multipassDouble } from "./doubles/multipass.fixture.ts";
import { machineContract } from "./machine.contract.ts";
import { multipassAt } from "./multipass-cli.ts";
import { multipassDriver } from "./multipass.ts";
import { placeForMachine } from "./qemu.fixture.ts";
import type { QemuOptions } from "./qemu.ts";

// The driver and all that it reaches over SSH are real; of Multipass there is a double, whose instance is the lab's machine.

machineContract(async (signal) => {
  const { clusterId: prefix, folder, log, options, containers, close } = await placeForMachine(signal);
  const address = options.address.replace(/\/.*/, "");
  const double = await multipassDouble(join(folder, "double"));
  await double.set("addresses", `${address}\n`);
  await putQemuBehind(double, join(folder, "behind"), address, options);
  process.env["MULTIPASS_DOUBLE"] = double.state;
  const multipass = multipassAt(double.program);
  return {
    driver: multipassDriver({ multipass, prefix, image: "24.04", cpus: 1, diskGiB: 5, log }),
    folder,
    traces: async () => [...(await containers()), ...(await double.instances())],
    async close() {
      delete process.env["MULTIPASS_DOUBLE"];
      await close();
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
