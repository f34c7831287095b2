import { fine, type Judgement, missing } from "../finding.ts";
import type { DoctorOptions } from "../provider.ts";
import type { VersionSet } from "../version-set.ts";
import { describeFile } from "./upstream-file.ts";

/** Whether a run has the files that it takes of a version set: in the cache, or because it may fetch them. Asks nobody. */
export async function judgeFiles(
  set: VersionSet,
  names: readonly string[],
  { cacheDir, mirror, offline = false }: Pick<DoctorOptions, "cacheDir" | "mirror" | "offline">,
): Promise<Judgement> {
  const name = "release files";
  const all = await Promise.all(names.map((file) => describeFile(set, file, { cacheDir, mirror })));
  const lacked = all.filter(({ cached }) => !cached).map((file) => file.name);
  if (lacked.length === 0) return fine(name, `the cache has what is taken of \`${set.name}\``);
  const words = `the cache lacks ${lacked.length} of \`${set.name}\`: ${lacked.join(", ")}`;
  if (!offline) return fine(name, words, "fetches them");
  const mend = `\`scripts/vmesh artifacts --set ${set.name} --fetch\` on a connected host; then bring its cache here`;
  return missing(name, `may not be fetched, and ${words}`, mend);
}
