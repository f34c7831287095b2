import { access, constants, readFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { HarnessError } from "../../lib/errors.ts";
import { type Finding, type FindingGroup, type Judgement, missing } from "../finding.ts";
import { readMemoryLimit } from "../lab/doctor/memory.ts";
import { judgeProcessors } from "../lab/doctor/system.ts";
import { once } from "../lab/tasks.ts";
import type { DoctorOptions } from "../provider.ts";
import { judgeFiles } from "../upstream/judge-files.ts";
import { manifestFiles } from "../upstream/obtain-manifests.ts";
import { loadVersionSet } from "../version-set.ts";
import { cloneOf } from "./checkout.ts";
import { chooseCli } from "./container-cli.ts";
import { containersOf } from "./containers.ts";
import { judgeEngine, judgeSocket, readEngine } from "./doctor/engine.ts";
import { judgeKvm, judgeNested, readNested } from "./doctor/kvm.ts";
import { judgeDisk, judgeMemory, readFreeSpace } from "./doctor/room.ts";
import { judgeCheckout, judgeClone, judgePrograms, judgeTestImages, readPrograms } from "./doctor/sources.ts";
import { judgeNames, judgePort, judgeSystem, readPort } from "./doctor/machine.ts";
import { type KubevirtciSettings, usualSet } from "./settings.ts";

interface PreflightOptions extends Omit<DoctorOptions, "settings"> {
  settings: KubevirtciSettings;
}

type Looks = Record<string, () => Promise<Judgement>>;

/**
 * Every prerequisite of kubevirtci at once, each with its mend. Its own scripts print what is wrong and go on; here it is
 * found before anything starts. Changes nothing.
 */
export async function preflight(options: PreflightOptions): Promise<Finding[]> {
  const groups = Object.entries(looksOf(options)) as [FindingGroup, Looks][];
  const findings = groups.flatMap(([group, looks]) =>
    Object.entries(looks).map(async ([name, look]) => ({
      group,
      ...(await look().catch((error: unknown) => failedLook(name, error))),
    })),
  );
  return Promise.all(findings);
}

function looksOf({
  settings,
  nodes,
  versions = usualSet,
  ...from
}: PreflightOptions): Partial<Record<FindingGroup, Looks>> {
  const cli = once(() => chooseCli(settings));
  const engine = once(async () => readEngine(await cli()));
  const set = once(() => loadVersionSet(versions));
  const provider = async () => settings.provider ?? (await set()).versions["kubevirtci-provider"] ?? "";
  return {
    machine: {
      system: async () => judgeSystem(process.platform, process.arch),
      processors: async () => judgeProcessors({ count: availableParallelism(), load: loadavg()[0] ?? 0 }),
      memory: async () => {
        const meminfo = await readFile("/proc/meminfo", "utf8");
        return judgeMemory(meminfo, await readMemoryLimit(), { nodes, memory: settings.memory });
      },
      kvm: async () => judgeKvm(await opens("/dev/kvm")),
      "nested virtualization": async () => judgeNested(await readNested()),
    },
    network: {
      "container names": async () => {
        const { version } = await engine();
        // That no engine answers is another look's finding.
        return judgeNames(await provider(), version ? await containersOf(await cli(), await provider()) : []);
      },
      "DNS port": async () => judgePort(settings.dnsPort, await readPort(settings.dnsPort)),
    },
    space: {
      disk: async () => judgeDisk(await readFreeSpace((await engine()).dataRoot), nodes),
    },
    programs: {
      programs: async () => judgePrograms(await readPrograms(settings.checkout === undefined)),
      engine: async () => judgeEngine((await cli()).runtime, await engine()),
      "engine socket": async () => judgeSocket((await cli()).runtime, await engine()),
    },
    sources: {
      kubevirtci: async () => {
        const { checkout } = settings;
        if (checkout !== undefined) return judgeCheckout({ checkout, provider: await provider() });
        const { cacheDir, mirror, offline } = from;
        const clone = await cloneOf(settings, await set(), { cacheDir, mirror });
        return judgeClone(clone, { set: await set(), offline });
      },
      "release files": async () => {
        const files = await set();
        const names = ["istioctl", "kubevirt-operator.yaml", ...manifestFiles(files, "missing")];
        return judgeFiles(files, names, from);
      },
      "test images": async () =>
        judgeTestImages({
          given: settings.images !== undefined,
          runtime: (await cli()).runtime,
          system: `${process.platform} ${process.arch}`,
          isRoot: process.getuid?.() === 0,
          isDebian: await isThere("/usr/bin/apt-get"),
        }),
    },
  };
}

async function opens(path: string): Promise<"opens" | "absent" | "forbidden"> {
  if (!(await isThere(path))) return "absent";
  return access(path, constants.R_OK | constants.W_OK).then(
    () => "opens",
    () => "forbidden",
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function failedLook(name: string, error: unknown): Judgement {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const mend =
    (error instanceof HarnessError && error.hint) || "make this look possible; it says nothing about the rest";
  return missing(name, message, mend);
}
