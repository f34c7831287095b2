import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, freemem } from "node:os";
import { HarnessError } from "../../lib/errors.ts";
import { failedLook, type Finding, type FindingGroup, type Judgement } from "../finding.ts";
import { judgeGo, readGo } from "../lab/doctor/compiler.ts";
import { existingFolder } from "../lab/doctor/space.ts";
import { multipassAt } from "../machines/multipass-cli.ts";
import type { DoctorOptions } from "../provider.ts";
import { judgeFiles } from "../upstream/judge-files.ts";
import { findProgram } from "./clean.ts";
import { instancesOf } from "./instances.ts";
import {
  judgeDriver,
  judgeInstancesDisk,
  judgeInstancesMemory,
  judgeMultipass,
  judgeProcessors,
  judgeSystem,
  judgeTools,
} from "./judgements.ts";
import { demandFiles, fetchedFiles, setOf } from "./release.ts";
import { agentsOf, type K3sSettings } from "./settings.ts";

type Look = readonly [group: FindingGroup, name: string, look: () => Promise<Judgement>];

/** Every prerequisite of the provider, each with its mend. Makes no instance, and asks Multipass what it is only. */
export async function examine({
  settings,
  nodes,
  versions,
  ...from
}: Omit<DoctorOptions, "settings"> & { settings: K3sSettings }): Promise<Finding[]> {
  const { server, agents } = instancesOf("doctor", agentsOf(settings, nodes), settings);
  const sizes = [server, ...agents].map(({ size }) => size).concat(settings.externalVm ? [settings.vm] : []);
  const system = judgeSystem(process.platform, process.arch);
  if (!system.ok) return [{ group: "machine", ...system }];
  const builds =
    settings.files["vmesh-echo"] === undefined && (settings.externalVm || settings.images.workload === undefined);
  const looks: Look[] = [
    ["machine", "processors", async () => judgeProcessors(sizes, availableParallelism())],
    ["machine", "memory", async () => judgeInstancesMemory(sizes, await availableMiB())],
    ["machine", "driver", () => lookAtDriver(settings.multipass)],
    ["space", "disk", () => lookAtDisk(sizes)],
    ["programs", "tools", () => lookAtTools(settings)],
    ["programs", "multipass", () => lookAtMultipass(settings.multipass)],
    ["sources", "release files", () => lookAtFiles(settings, versions, from)],
  ];
  if (builds) looks.push(["programs", "go", async () => judgeGo(await readGo())]);
  const findings = await Promise.all(
    looks.map(async ([group, name, look]) => {
      return { group, ...(await look().catch((error: unknown) => failedLook(name, error))) };
    }),
  );
  return [{ group: "machine", ...system }, ...findings];
}

async function lookAtMultipass(program: string): Promise<Judgement> {
  if (findProgram(program) === undefined) return judgeMultipass(program, undefined);
  try {
    return judgeMultipass(program, await multipassAt(program).version());
  } catch (error) {
    return judgeMultipass(program, undefined, sentenceOf(error));
  }
}

async function lookAtDriver(program: string): Promise<Judgement> {
  const hasKvm = existsSync("/dev/kvm");
  if (findProgram(program) === undefined) return judgeDriver("qemu", hasKvm);
  const driver = await multipassAt(program)
    .get("local.driver")
    // That its daemon does not answer is the finding of another look.
    .catch(() => "qemu");
  return judgeDriver(driver, hasKvm);
}

async function lookAtTools({ externalVm }: K3sSettings): Promise<Judgement> {
  const needed = ["flock", "tar", ...(externalVm ? ["ssh", "ssh-keygen"] : [])];
  return judgeTools(
    needed,
    needed.filter((tool) => findProgram(tool) === undefined),
  );
}

async function lookAtDisk(sizes: Parameters<typeof judgeInstancesDisk>[0]): Promise<Judgement> {
  const storage =
    process.platform === "darwin" ? "/var/root/Library/Application Support/multipassd" : "/var/snap/multipass/common";
  const folder = existingFolder(process.env["MULTIPASS_STORAGE"] ?? storage);
  const { bavail, bsize } = await statfs(folder);
  return judgeInstancesDisk(sizes, folder, (bavail * bsize) / 2 ** 30);
}

/** As if instances were of this machine's architecture, which is known of them only once they run. */
async function lookAtFiles(
  settings: K3sSettings,
  versions: string | undefined,
  from: Parameters<typeof judgeFiles>[2],
): Promise<Judgement> {
  const set = await setOf(settings, versions);
  demandFiles(set, settings);
  return judgeFiles(set, fetchedFiles(set, settings), from);
}

/** Memory that can be had without swapping; elsewhere than on Linux, what nobody uses. */
async function availableMiB(): Promise<number> {
  if (process.platform !== "linux") return freemem() / 2 ** 20;
  const figure = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile("/proc/meminfo", "utf8"))?.[1];
  return Number(figure ?? 0) / 1024;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof HarnessError)) return String(error);
  return [error.message, error.evidence].filter(Boolean).join(" ");
}
