import { pinFile, type ObtainOptions } from "../clusters/obtain-file.ts";
import { currentDigest } from "../clusters/upstream/obtain-image.ts";
import { currentCommit } from "../clusters/upstream/obtain-repository.ts";
import { thisPlatform } from "../clusters/upstream/upstream-file.ts";
import { emptyLock, saveLock } from "../clusters/upstream/version-lock.ts";
import type { VersionSet } from "../clusters/version-set.ts";
import { describeError, environmentError, HarnessError } from "../lib/errors.ts";
import { listArtifacts } from "./artifact-list.ts";

/** What a lock is for: the nodes' and VMs' platforms, and the machine that runs vmesh. */
const platforms: readonly string[] = [...new Set(["linux-amd64", "linux-arm64", thisPlatform()])];

export type LockOptions = Omit<ObtainOptions, "lock" | "offline" | "platform">;

/**
 * Fetches every file of a set afresh, asks for every image's digest, those that manifests name too, and for the commit of
 * every repository's tag, and writes all down. A platform that a project does not publish for stays unpinned. Throws an environment error that names everything
 * that could not be had, and then writes nothing. Returns the path of the lock file.
 */
export async function lockArtifacts(set: VersionSet, options: LockOptions, path?: string): Promise<string> {
  const lock = emptyLock();
  const problems: string[] = [];
  const attempt = async (work: () => Promise<void>, onFailure: (message: string) => void) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HarnessError) || error.kind !== "environment") throw error;
      onFailure(describeError(error));
    }
  };
  for (const [index, name] of Object.keys(set.files).entries()) {
    for (const platform of dependsOnPlatform(set, name) ? platforms : [thisPlatform()]) {
      const pin = async () => {
        const { url, sha256 } = await pinFile(set, name, { ...options, platform });
        lock.files[url] = sha256;
      };
      const isForeign = dependsOnPlatform(set, name) && platform !== thisPlatform();
      await attempt(pin, (message) => {
        if (isForeign) options.log.warn(`${name} for ${platform} stays unpinned: ${message}`);
        else problems.push(message);
      });
    }
    options.log.step(index + 1, Object.keys(set.files).length, `file ${name}`);
  }
  const { images } = await listArtifacts(set, { ...options, lock });
  for (const [index, { usedBy, reference }] of images.entries()) {
    const asked: VersionSet = { ...set, images: { [usedBy]: reference } };
    await attempt(
      async () => void (lock.images[reference] = await currentDigest(asked, usedBy, options)),
      (message) => problems.push(message),
    );
    options.log.step(index + 1, images.length, `image ${reference}`);
  }
  for (const name of Object.keys(set.repositories)) {
    const pin = async () => {
      const { reference, commit } = await currentCommit(set, name, options);
      lock.repositories[reference] = commit;
    };
    await attempt(pin, (message) => problems.push(message));
    options.log.info(`repository ${name}`);
  }
  if (problems.length === 0) return saveLock(set.name, lock, path);
  throw environmentError(
    `The lock of version set \`${set.name}\` is not written: ${problems.length} of it cannot be had.`,
    {
      evidence: problems.join("\n"),
    },
  );
}

function dependsOnPlatform(set: VersionSet, name: string): boolean {
  return /\$\{(platform|arch)\}/.test(set.files[name]?.url ?? "");
}
