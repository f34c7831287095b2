import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../lib/command.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "./cache.ts";
import { findGo } from "./go.ts";
import { versions } from "./versions.ts";

/** One folder under `toolchain/` each, in the order they are built. */
export const familyNames = ["kubernetes", "kubevirt", "istio", "jaeger"] as const;
export type FamilyName = (typeof familyNames)[number];

/** Programs that share a go.mod, and so one set of dependency versions and one compilation of them. */
interface Family {
  /** What is built: packages of the folder, or `tool` for the tool dependencies of its go.mod. */
  packages: readonly string[];
  /** `-X` variables by which the programs tell their version. */
  versionVariables: Record<string, string>;
  cgo: boolean;
}

const families: Record<FamilyName, Family> = {
  kubernetes: {
    packages: [".", "./coredns", "./netpol"],
    cgo: false,
    versionVariables: {
      "k8s.io/component-base/version.gitVersion": versions.kubernetes,
      "k8s.io/component-base/version.gitMajor": "1",
      "k8s.io/component-base/version.gitMinor": "34",
      "k8s.io/client-go/pkg/version.gitVersion": versions.kubernetes,
    },
  },
  istio: {
    packages: ["tool"],
    cgo: false,
    versionVariables: {
      "istio.io/istio/pkg/version.buildVersion": versions.istio,
      "istio.io/istio/pkg/version.buildTag": versions.istio,
      "istio.io/istio/pkg/version.buildStatus": "Clean",
    },
  },
  // virt-launcher links libvirt, the only C library; `netgo` and `osusergo` keep the other programs static.
  kubevirt: {
    packages: ["tool"],
    cgo: true,
    versionVariables: {
      "kubevirt.io/client-go/version.gitVersion": versions.kubevirt,
      "kubevirt.io/client-go/version.gitCommit": versions.kubevirt,
      "kubevirt.io/client-go/version.gitTreeState": "clean",
    },
  },
  jaeger: { packages: ["."], cgo: false, versionVariables: {} },
};

/**
 * Builds the Go programs of the lab, one folder per family, and returns the folders. Families are built one after
 * another (each uses all processors) and come from the cache when their go.mod, go.sum, sources and flags have not
 * changed; Go's own build cache carries what an interrupted build had done.
 */
export async function buildToolchain(options: {
  /** In the order of `familyNames`; all of them if not given. */
  families?: readonly FamilyName[];
  cacheDir: string;
  log: Log;
  signal: AbortSignal;
  onFamily?: (name: FamilyName, folder: string) => void;
}): Promise<Partial<Record<FamilyName, string>>> {
  const { families: wanted = familyNames } = options;
  const folders: Partial<Record<FamilyName, string>> = {};
  for (const [index, name] of wanted.entries()) {
    const log = options.log.scope(name);
    const { folder, built } = await buildFamily(name, { ...options, log });
    const origin = built ? "are built" : "come from the cache";
    options.log.step(index + 1, wanted.length, `${name} programs ${origin}`);
    folders[name] = folder;
    options.onFamily?.(name, folder);
  }
  return folders;
}

async function buildFamily(name: FamilyName, options: { cacheDir: string; log: Log; signal: AbortSignal }) {
  const { cacheDir, log, signal } = options;
  const family = families[name];
  const source = join(import.meta.dirname, "toolchain", name);
  const flags = goFlags(family);
  const key = [...(await sourcesOf(source)), ...flags];
  let built = false;
  const programs = await cacheEntry({ root: cacheDir, kind: `go-${name}`, key, log, signal }, async (folder) => {
    built = true;
    const go = await findGo({ cacheDir, log, signal });
    const env = { CGO_ENABLED: family.cgo ? "1" : "0", GOFLAGS: "-mod=readonly" };
    log.info("fetching the Go modules that are not there yet");
    const total = await countPackages(go, family.packages, { cwd: source, env, signal });
    log.info(`compiling up to ${total} packages`);
    let compiled = 0;
    await run(go, ["build", "-v", ...flags, "-o", `${folder}/`, ...family.packages], {
      cwd: source,
      env,
      signal,
      timeoutMs: timeouts.goBuild,
      diesWithParent: true,
      onLine: () => {
        compiled += 1;
        if (compiled % 100 === 0) log.step(compiled, total, `packages compiled, ${percent(compiled, total)}`);
      },
    });
  });
  return { folder: programs, built };
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}

function goFlags(family: Family): string[] {
  const variables = Object.entries(family.versionVariables).map(([name, value]) => `-X ${name}=${value}`);
  return [
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    ["-s", "-w", ...variables].join(" "),
    ...(family.cgo ? ["-tags", "netgo,osusergo"] : []),
  ];
}

async function countPackages(
  go: string,
  packages: readonly string[],
  options: { cwd: string; env: Record<string, string>; signal: AbortSignal },
) {
  // `go list` downloads the modules first, which is the long part of it on a fresh machine.
  const { stdout } = await run(go, ["list", "-deps", ...packages], { ...options, timeoutMs: timeouts.goDownload });
  return stdout.split("\n").length;
}

async function sourcesOf(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(paths.map(async (path) => `${path.slice(folder.length)}\n${await readFile(path, "utf8")}`));
}
