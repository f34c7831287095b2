import { isAbsolute, posix } from "node:path";
import { environmentError } from "../../../lib/errors.ts";
import type { Controller } from "./controller.ts";
import type { StarlingxSettings } from "./settings.ts";

const isIstio = (name: string) => /^istio-\d.*\.(tgz|tar\.gz)$/.test(name);

/**
 * The path of Istio's tarball on the controller. Throws an environment error that lists what is there, if there is none
 * or if there are several: which one is wanted is not for vmesh to guess.
 */
export async function findTarball(
  controller: Pick<Controller, "files" | "where">,
  { folder, tarball }: Pick<StarlingxSettings, "folder" | "tarball">,
  signal?: AbortSignal,
): Promise<string> {
  if (tarball !== undefined && isAbsolute(tarball)) return tarball;
  const there = (await controller.files(folder, signal)).toSorted();
  const found = there.filter((name) => (tarball === undefined ? isIstio(name) : name === tarball));
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return posix.join(folder, only);
  const place = `\`${folder}\` of ${controller.where}`;
  if (only !== undefined) {
    throw environmentError(`${place} has ${found.length} tarballs of Istio, expected one.`, {
      evidence: found.join("\n"),
      hint: `choose one: \`tarball: ${only}\` in the \`starlingx\` part of the provider's settings`,
    });
  }
  throw environmentError(`${place} has no ${tarball === undefined ? "istio-<version>.tgz" : `\`${tarball}\``}.`, {
    evidence: there.join("\n") || "the folder is empty",
    hint: "name another file by `tarball`, or its folder by `folder`, in the `starlingx` part of the provider's settings",
  });
}
