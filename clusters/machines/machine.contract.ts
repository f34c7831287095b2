import { afterAll, beforeAll, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { answersOnSsh, type Machine, machineAt, reboot } from "../../lib/machine.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { LaunchedMachine, LaunchOptions, MachineDriver } from "./machine.ts";

/** A driver where it can launch, and how to see whether anything of a machine is there. */
export interface DriverSubject {
  driver: MachineDriver;
  /** Folder for the machine's own files; exists. */
  folder: string;
  /** Whatever a machine could leave, one line each. */
  traces(): Promise<string[]>;
  /** Removes what the subject itself needed. */
  close(): Promise<void>;
}

/** What every driver of machines must do, tried with one machine. */
export function machineContract(open: (signal: AbortSignal) => Promise<DriverSubject>): void {
  const { signal } = new AbortController();
  let subject: DriverSubject;
  let before: string[];
  let launched: LaunchedMachine;
  let machine: Machine;

  beforeAll(async () => {
    subject = await open(signal);
    before = await subject.traces();
    const log = createLog({});
    const options: LaunchOptions = { name: "contract", folder: subject.folder, memoryMiB: 512, signal };
    launched = await subject.driver.launch(options);
    machine = machineAt(launched.access);
    await answersOnSsh(machine, { log, signal });
  }, timeouts.goBuild);

  afterAll(async () => {
    await launched?.dispose();
    await subject?.close();
  }, timeouts.machineBoot);

  test("A script's output and exit code come back, and a failure is an error with what it printed.", async () => {
    const { stdout } = await machine.sh('id -u; hostname; uname -s; echo "quoted $((1 + 1))"');
    expect(stdout.split("\n")).toEqual(["0", "contract", "Linux", "quoted 2"]);
    expect((await machine.sh("exit 7", { allowFailure: true })).exitCode).toBe(7);
    await expect(machine.sh("echo why >&2; exit 3")).rejects.toMatchObject({ evidence: "why" });
  });

  test("A file is written with its folders, mode and owner, and read again.", async () => {
    const content = `it's "text" with $signs\nand lines\n`;
    await machine.write("/opt/new folder/file", content, { mode: "0640", owner: "root:daemon" });
    expect((await machine.read("/opt/new folder/file")).trimEnd()).toBe(content.trimEnd());
    expect((await machine.sh("stat -c '%a %U:%G' '/opt/new folder/file'")).stdout).toBe("640 root:daemon");
  });

  test("It has the address that it says, a kernel and an init of its own, and Istio's package.", async () => {
    const { stdout } = await machine.sh(
      "hostname --all-ip-addresses; cat /proc/1/comm; systemctl is-enabled istio || true",
    );
    const [addresses, init, unit] = stdout.split("\n");
    expect(addresses?.trim()).toBe(launched.access.address);
    expect(init).toBe("systemd");
    expect(unit).toBe("disabled");
  });

  test("Its clock goes as fast as ours.", async () => {
    const look = async () => {
      const { stdout } = await machine.sh("cut -d ' ' -f 1 /proc/uptime");
      return { there: Number(stdout), here: performance.now() / 1_000 };
    };
    const first = await look();
    await machine.sh("sleep 5");
    const second = await look();
    const seconds = (second.there - first.there) / (second.here - first.here);
    expect(seconds, "seconds there in one of ours").toBeGreaterThan(0.7);
    expect(seconds, "seconds there in one of ours").toBeLessThan(1.4);
  }, 60_000);

  test("What its kernel says is kept.", async () => {
    // Critical: that goes to a console that is quiet, and to the journal, which is all that some drivers have.
    await machine.sh("echo '<2>a line for the console' >/dev/kmsg");
    expect(await launched.console()).toContain("a line for the console");
  });

  test(
    "After a reboot it answers with the same key and the same files.",
    async () => {
      await machine.sh("echo kept >/opt/kept");
      await reboot(machine, signal);
      expect(await machine.read("/opt/kept")).toBe("kept");
    },
    2 * timeouts.machineBoot,
  );

  test(
    "After its disposal nothing of it is left, and a second one changes nothing.",
    async () => {
      await launched.dispose();
      expect(await subject.traces()).toEqual(before);
      await launched.dispose();
      await expect(machine.sh("true")).rejects.toThrow("exit code 255");
    },
    timeouts.machineBoot,
  );
}
