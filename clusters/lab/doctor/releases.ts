import { HarnessError } from "../../../lib/errors.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { deadline } from "../../../lib/wait.ts";
import { fine, type Judgement, missing } from "../../finding.ts";
import type { DoctorOptions } from "../../provider.ts";
import { mirrored } from "../../upstream/mirror.ts";
import { currentDigest } from "../../upstream/obtain-image.ts";
import { loadVersionSet } from "../../version-set.ts";
import type { LabSettings } from "../settings.ts";
import { lackedOf } from "../upstream.ts";

export interface ReleaseOptions extends Pick<DoctorOptions, "cacheDir" | "versions" | "mirror" | "offline"> {
  settings: LabSettings;
}

/** Judges where released images and files come from, by asking for one of each that the cache lacks; nothing for a lab that is built. */
export async function lookAtReleases(options: ReleaseOptions): Promise<Judgement[]> {
  const { settings, cacheDir, versions = "lab", mirror, offline = false } = options;
  if (settings.artifacts === "build") return [];
  const name = "releases";
  const set = await loadVersionSet(versions);
  const { files, images } = await lackedOf(set, { cacheDir, mirror });
  const [file, image] = [files[0], images[0]];
  const count = files.length + images.length;
  if (count === 0) return [fine(name, `not asked: the cache has what is taken of \`${set.name}\``)];
  if (offline) {
    const lacked = [...files.map((one) => one.name), ...images.map(({ part }) => part)].join(", ");
    const mend = `\`scripts/vmesh artifacts --set ${set.name} --fetch\` on a connected host; then bring its cache here`;
    return [missing(name, `may not be fetched, and the cache lacks ${count} of \`${set.name}\`: ${lacked}`, mend)];
  }
  const signal = deadline(timeouts.sourceAnswer);
  try {
    if (image) await currentDigest(set, image.part, { cacheDir, mirror, signal });
    if (file) await demandThere(mirrored.url(file.url, mirror), signal);
    return [fine(name, `answer for \`${set.name}\``, `fetches ${count} files and images`)];
  } catch (error) {
    const problem = error instanceof HarnessError ? error.message : `${(error as Error).message}`;
    return [missing(name, problem, "let this machine reach it, name a mirror (`--mirror`), or bring a filled cache")];
  }
}

/** Throws what keeps an address from being fetched. */
async function demandThere(url: string, signal: AbortSignal): Promise<void> {
  const { status } = await fetch(url, { method: "HEAD", signal });
  if (status !== 200) throw new Error(`\`${url}\` answers with status ${status}, expected 200`);
}
