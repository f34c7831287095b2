import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { fine, type Judgement, missing } from "../finding.ts";
import { obtainFile } from "../obtain-file.ts";
import type { CreateOptions, DoctorOptions } from "../provider.ts";
import { describeFile } from "../upstream/upstream-file.ts";
import { loadVersionSet } from "../version-set.ts";
import type { KubeconfigSettings } from "./settings.ts";

/** The set of versions that this provider takes files from where none is named. */
export const usualSet = "current";

/** The program by which the mesh is asked: the setting's, that of PATH, or else the version set's, which is fetched. */
export async function istioctlOf(
  settings: Pick<KubeconfigSettings, "istioctl">,
  options: CreateOptions,
  signal: AbortSignal,
): Promise<string> {
  const there = settings.istioctl ?? (await inPath());
  if (there !== undefined) return there;
  const set = await loadVersionSet(options.versions ?? usualSet);
  const { cacheDir, mirror, offline, log } = options;
  return obtainFile(set, "istioctl", { cacheDir, mirror, offline, log, signal });
}

export async function lookForIstioctl(
  settings: Pick<KubeconfigSettings, "istioctl">,
  { versions = usualSet, cacheDir, offline = false }: Omit<DoctorOptions, "nodes">,
): Promise<Judgement> {
  const there = settings.istioctl ?? (await inPath());
  if (there === undefined) {
    const set = await loadVersionSet(versions);
    const { cached, url } = await describeFile(set, "istioctl", { cacheDir });
    if (cached) return fine("istioctl", `that of version set \`${versions}\`, in the cache`);
    if (!offline) return fine("istioctl", "none in PATH", `fetches istioctl from ${url}`);
    return missing(
      "istioctl",
      "none in PATH or in the cache, and nothing may be fetched",
      "set `istioctl` to its path",
    );
  }
  const { stdout } = await run(there, ["version", "--remote=false", "--short"], { timeoutMs: timeouts.istioctl });
  return fine("istioctl", `${there}, ${stdout.trim().split("\n").at(-1)}`);
}

async function inPath(): Promise<string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const path = join(folder, "istioctl");
    if (await isProgram(path)) return path;
  }
  return undefined;
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
