import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fine, type FindingGroup, type Judgement } from "../../finding.ts";
import type { DoctorOptions } from "../../provider.ts";
import { kindOf } from "../cache.ts";
import { enginePaths } from "../dockerd.ts";
import { isRecentEnough } from "../go.ts";
import { debianMirror, labPackages, missingPackages } from "../host-packages.ts";
import { nodePrivileges } from "../privileges.ts";
import { registryName } from "../registry.ts";
import type { LabSettings } from "../settings.ts";
import { guestSubnet, takenRanges } from "../subnets.ts";
import { once } from "../tasks.ts";
import { judgeGuestRange, judgePort, judgeSubnets, readPort } from "./addresses.ts";
import { judgeCgroups, readCgroups } from "./cgroups.ts";
import { judgeClock, readClock } from "./clock.ts";
import { judgeGo, readGo } from "./compiler.ts";
import { judgeEngine, readEngine } from "./engine.ts";
import { judgeCacheFolder, judgeTemporaryFolder, readFolder } from "./folders.ts";
import { tryKernelFeatures } from "./kernel-features.ts";
import { judgeKvm, readKvm } from "./kvm.ts";
import { judgeFiles, judgeInotify, judgeProcesses, readFiles, readInotify, readProcesses } from "./limits.ts";
import { judgeMemory, judgeSwap, readMemoryLimit } from "./memory.ts";
import { judgePackages } from "./packages.ts";
import { judgeCapabilities, judgeConfinement, judgeUser } from "./rights.ts";
import { lookAtReleases } from "./releases.ts";
import { lookAtDebian, lookAtModules, lookAtPypi, type SourceFacts } from "./sources.ts";
import { existingFolder, judgeSpace, readDisks } from "./space.ts";
import { judgeProcessors } from "./system.ts";

export interface LookOptions extends Omit<DoctorOptions, "settings"> {
  settings: LabSettings;
}

/** Looks by the name of what they look at. */
export type Looks = Record<string, () => Promise<Judgement[]>>;

/** Every look at this machine. What several need is read once, by whichever comes first. */
export function looksOf(options: LookOptions): Record<Exclude<FindingGroup, "cluster">, Looks> {
  const { settings, cacheDir, nodes, quick, offline = false } = options;
  const isRoot = process.getuid?.() === 0;
  const isDebian = existsSync("/usr/bin/apt-get");
  const base = existingFolder(cacheDir);
  const meminfo = once(() => readFile("/proc/meminfo", "utf8"));
  const absent = once(() => missingPackages(labPackages));
  const toInstall = async (): Promise<readonly string[]> => (isRoot && isDebian ? absent() : []);
  const engine = once(() => readEngine(cacheDir));
  // That it cannot be asked is the finding of one look.
  const answering = () => engine().catch(() => undefined);
  const go = once(readGo);
  const kinds = once(() => kindsIn(cacheDir));
  const hasIproute = async () => !(await absent()).includes("iproute2");
  const taken = once(async () => takenRanges((await answering())?.socket));
  const sources = once(async (): Promise<SourceFacts> => {
    const [{ version, hasPip }, mirror] = await Promise.all([go(), isDebian ? debianMirror() : undefined]);
    const hasGo = version !== undefined && isRecentEnough(version);
    return { kinds: await kinds(), toInstall: await toInstall(), isDebian, mirror, hasGo, hasPip, offline };
  });

  return {
    machine: {
      processors: async () => [judgeProcessors({ count: availableParallelism(), load: loadavg()[0] ?? 0 })],
      memory: async () => [judgeMemory(await meminfo(), await readMemoryLimit(), nodes)],
      swap: async () => [judgeSwap(await meminfo())],
      clock: async () => [judgeClock(await readClock())],
      kvm: async () => (quick ? [] : [judgeKvm(await readKvm(cacheDir))]),
    },
    rights: {
      user: async () => [judgeUser(isRoot, await readFile("/proc/self/uid_map", "utf8"))],
      capabilities: async () => [judgeCapabilities(await nodePrivileges())],
      confinement: async () => {
        const status = await readFile("/proc/self/status", "utf8");
        return [judgeConfinement(status, (await answering()) !== undefined)];
      },
    },
    kernel: {
      cgroups: async () => [judgeCgroups(await readCgroups())],
      kernel: async () => (isRoot ? tryKernelFeatures(base) : []),
      inotify: async () => [judgeInotify(await readInotify(), nodes)],
      "open files": async () => [judgeFiles(await readFiles(), nodes)],
      processes: async () => [judgeProcesses(await readProcesses(), nodes)],
    },
    network: {
      "registry port": async () => {
        const port = Number(registryName.split(":")[1]);
        return [judgePort(port, await readPort(port, await hasIproute()))];
      },
      subnets: async () => [(await hasIproute()) ? judgeSubnets(settings, await taken()) : unasked("subnets")],
      "guest range": async () => [
        (await hasIproute()) ? judgeGuestRange(guestSubnet, await taken()) : unasked("guest range"),
      ],
    },
    space: {
      disk: async () => {
        const { modules, compiled } = await go();
        const dataRoot = (await answering())?.dataRoot ?? enginePaths(cacheDir).dataRoot;
        const clusters = join(cacheDir, "clusters");
        const places = { cache: cacheDir, clusters, engine: dataRoot, modules, compiled, temporary: tmpdir() };
        return judgeSpace(await readDisks(places), (await kinds()).has("image-store"), nodes);
      },
      "cache folder": async () => [judgeCacheFolder(await readFolder(base))],
      "temporary folder": async () => [judgeTemporaryFolder(await readFolder(tmpdir()))],
    },
    programs: {
      packages: async () => [judgePackages(await absent(), isRoot, isDebian)],
      engine: async () => {
        const requested = process.env["DOCKER_HOST"] || undefined;
        return [judgeEngine({ engine: await engine(), requested, isRoot })];
      },
      go: async () => {
        const { hasPip, ...seen } = await go();
        return [judgeGo({ ...seen, hasPip: hasPip || (await toInstall()).includes("python3-pip") })];
      },
    },
    sources: {
      "Debian packages": async () => lookAtDebian(await sources()),
      PyPI: async () => lookAtPypi(await sources()),
      "Go modules": async () => lookAtModules(await sources()),
      releases: async () => lookAtReleases(options),
    },
  };
}

/** `ip` and `ss` are of a package that a run may have to install. */
function unasked(name: string): Judgement {
  return fine(name, "not looked at before `iproute2` is installed");
}

/** Kinds of finished entries in a cache, which need not be there. */
async function kindsIn(cacheDir: string): Promise<ReadonlySet<string>> {
  const entries = existsSync(cacheDir) ? await readdir(cacheDir) : [];
  return new Set(entries.flatMap((name) => kindOf(name) ?? []));
}
