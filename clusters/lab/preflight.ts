import { existsSync } from "node:fs";
import { readdir, readFile, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { run } from "../../lib/command.ts";
import { HarnessError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import type { Finding } from "../provider.ts";
import { answeringEngine } from "./engine.ts";
import { debianMirror, hostPackages, missingPackages } from "./host-packages.ts";
import {
  isWarmCache,
  judgeCapabilities,
  judgeCgroups,
  judgeDisk,
  judgeGo,
  judgeKvm,
  judgeMemory,
  judgeMirror,
  judgePackages,
  judgePort,
  judgeSystem,
  judgeUser,
} from "./judgements.ts";
import { tryKernelFeatures } from "./kernel-features.ts";
import { nodePrivileges } from "./privileges.ts";
import { registryName } from "./registry.ts";
import type { LabSettings } from "./settings.ts";
import { rangeProblems, takenRanges } from "./subnets.ts";

/** Debian packages that a lab needs on this machine. */
export const labPackages: readonly string[] = Object.keys(hostPackages);

export interface PreflightOptions {
  settings: LabSettings;
  cacheDir: string;
}

/**
 * Every prerequisite of the lab, all looked at, each with its mend. Leaves nothing behind: kernel features are tried
 * in namespaces that end with the trial. A look that fails by itself is a finding too.
 */
export async function preflight(options: PreflightOptions): Promise<Finding[]> {
  const isRoot = process.getuid?.() === 0;
  const system = judgeSystem(process.platform, process.arch);
  // Nothing below can be looked at elsewhere.
  if (!system.ok) return [system];
  const isDebian = existsSync("/usr/bin/apt-get");
  const looks: Record<string, () => Promise<Finding[]>> = {
    packages: async () => [judgePackages(await missingPackages(labPackages), isRoot, isDebian)],
    mirror: async () => (isDebian ? [await mirrorFinding(isRoot)] : []),
    engine: async () => [await engineFinding()],
    capabilities: async () => [judgeCapabilities(await nodePrivileges())],
    cgroups: async () => [
      judgeCgroups(await readFile("/proc/mounts", "utf8"), await readFile("/proc/cgroups", "utf8")),
    ],
    kernel: () => (isRoot ? tryKernelFeatures() : Promise.resolve([])),
    disk: async () => [await diskFinding(options.cacheDir)],
    memory: async () => [judgeMemory(totalmem())],
    port: async () => [await portFinding(Number(registryName.split(":")[1]))],
    subnets: async () => [await subnetFinding(options.settings)],
    go: async () => [await goFinding()],
    kvm: async () => [judgeKvm(existsSync("/dev/kvm"))],
  };
  const findings = await Promise.all(
    Object.entries(looks).map(([name, look]) => look().catch((error) => [failedLook(name, error)])),
  );
  return [system, judgeUser(isRoot), ...findings.flat()];
}

async function engineFinding(): Promise<Finding> {
  const engine = await answeringEngine();
  const detail = engine
    ? `Docker ${engine.version} answers at \`${engine.socket}\``
    : "no Docker engine answers; the lab starts Debian's and stops it again";
  return { name: "engine", ok: true, detail };
}

async function diskFinding(cacheDir: string): Promise<Finding> {
  let folder = resolve(cacheDir);
  const entries = existsSync(folder) ? await readdir(folder) : [];
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  return judgeDisk(bavail * bsize, isWarmCache(entries), folder);
}

async function mirrorFinding(isRoot: boolean): Promise<Finding> {
  const [mirror, missing] = await Promise.all([debianMirror(), missingPackages(labPackages)]);
  return judgeMirror(mirror, isRoot && missing.length > 0);
}

async function portFinding(port: number): Promise<Finding> {
  if (await canListen(port)) return judgePort(port, true, undefined);
  if ((await missingPackages(["iproute2"])).length > 0) return judgePort(port, false, undefined);
  const { stdout } = await run("ss", ["-Hltnp"], { timeoutMs: timeouts.hostCommand });
  return judgePort(port, false, stdout);
}

/** Tries all IPv4 addresses at once, and gives them back. Throws what is not about a taken port. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}

async function subnetFinding({ nodeSubnet, podSubnet, serviceSubnet }: LabSettings): Promise<Finding> {
  const ranges = { ...(nodeSubnet ? { nodeSubnet } : {}), podSubnet, serviceSubnet };
  if ((await missingPackages(["iproute2"])).length > 0) {
    return { name: "subnets", ok: true, detail: "not looked at before `iproute2` is installed" };
  }
  const problems = rangeProblems(ranges, await takenRanges());
  const listed = Object.entries(ranges).map(([name, cidr]) => `\`${name}\` ${cidr}`);
  if (problems.length === 0) return { name: "subnets", ok: true, detail: `${listed.join(", ")} are free` };
  const mend = "set another range under this name in the `lab` section of the configuration";
  return { name: "subnets", ok: false, detail: problems.join(" "), mend };
}

async function goFinding(): Promise<Finding> {
  const options = { timeoutMs: timeouts.hostCommand, allowFailure: true };
  const [go, pip] = await Promise.all([
    run("sh", ["-c", "go env GOVERSION GOTOOLCHAIN"], options),
    run("sh", ["-c", "python3 -m pip --version"], options),
  ]);
  const [version, toolchain = ""] = go.exitCode === 0 ? go.stdout.split("\n") : [];
  return judgeGo({ version, toolchain, hasPip: pip.exitCode === 0 });
}

function failedLook(name: string, error: unknown): Finding {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const evidence = error instanceof HarnessError && error.evidence ? ` (${error.evidence.trim()})` : "";
  const mend =
    (error instanceof HarnessError && error.hint) || "make this look possible; it says nothing about the rest";
  return { name, ok: false, detail: `${message}${evidence}`, mend };
}
