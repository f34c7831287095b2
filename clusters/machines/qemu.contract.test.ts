import { machineContract } from "./machine.contract.ts";
import { placeForMachine } from "./qemu.fixture.ts";
import { qemuDriver } from "./qemu.ts";

machineContract(async (signal) => {
  const { folder, options, containers, close } = await placeForMachine(signal);
  return { driver: qemuDriver(options), folder, traces: containers, close };
});
