import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { obtainRepository, type ObtainRepositoryOptions } from "../upstream/obtain-repository.ts";
import {
  describeRepository,
  type RepositoryOptions,
  type UpstreamRepository,
} from "../upstream/upstream-repository.ts";
import type { VersionSet } from "../version-set.ts";
import type { KubevirtciSettings } from "./settings.ts";

/** kubevirtci's scripts on this machine, and the release that they and the images are of. */
export interface Checkout {
  folder: string;
  tag: string;
  /** KUBEVIRT_PROVIDER. */
  provider: string;
}

/**
 * The checkout that the settings name, or the clone of the tag, which is made in vmesh's cache where it is not there yet.
 * Throws an environment error if it has not the scripts, not the provider, or no tag that one knows of, and as
 * `obtainRepository` does.
 */
export async function checkoutOf(
  settings: KubevirtciSettings,
  set: VersionSet,
  options: Omit<ObtainRepositoryOptions, "source">,
): Promise<Checkout> {
  const folder =
    settings.checkout === undefined
      ? await obtainRepository(askedFor(settings, set), "kubevirtci", { ...options, source: settings.repository })
      : resolve(settings.checkout);
  const lacked = scripts.filter((path) => !existsSync(join(folder, path)));
  if (lacked.length > 0) {
    throw environmentError(`\`${folder}\` is no checkout of kubevirtci: it has no \`${lacked.join("`, no `")}\`.`, {
      hint: "let `settings.kubevirtci.checkout` name one, or leave it out to have the tag cloned",
    });
  }
  const tag = settings.checkout === undefined ? tagOf(settings, set) : (settings.tag ?? (await tagOfCheckout(folder)));
  const provider = settings.provider ?? set.versions["kubevirtci-provider"] ?? "";
  await demandProvider(folder, tag, provider);
  return { folder, tag, provider };
}

/** What would be cloned where the settings name no checkout. Asks nobody. Throws as `tagOf` does. */
export async function cloneOf(
  settings: KubevirtciSettings,
  set: VersionSet,
  options: Omit<RepositoryOptions, "source">,
): Promise<UpstreamRepository> {
  return describeRepository(askedFor(settings, set), "kubevirtci", { ...options, source: settings.repository });
}

/** The tag that is cloned, and that images are of. Throws an environment error if neither settings nor version set has one. */
export function tagOf(settings: KubevirtciSettings, set: VersionSet): string {
  const tag = settings.tag ?? set.versions["kubevirtci"];
  if (tag !== undefined) return tag;
  throw environmentError(`The version set \`${set.name}\` names no release of kubevirtci.`, {
    hint: "set `settings.kubevirtci.tag`, or choose a set that has one: `--versions current`",
  });
}

/** The set with tag and repository of the settings; a repository that the set has is locked by the set's own address. */
function askedFor(settings: KubevirtciSettings, set: VersionSet): VersionSet {
  const versions = { ...set.versions, kubevirtci: tagOf(settings, set) };
  const kubevirtci = set.repositories["kubevirtci"] ?? settings.repository;
  if (kubevirtci === undefined) {
    throw environmentError(`The version set \`${set.name}\` names no repository of kubevirtci.`, {
      hint: "set `settings.kubevirtci.repository`, or `checkout` to a folder that has one",
    });
  }
  return { ...set, versions, repositories: { ...set.repositories, kubevirtci } };
}

/** What of a checkout is called. */
const scripts = ["Makefile", ...["up", "down", "cli", "ssh", "kubeconfig"].map((name) => `cluster-up/${name}.sh`)];

/** As those who vendor the scripts note it beside them; else as git knows it. */
async function tagOfCheckout(folder: string): Promise<string> {
  const note = join(folder, "cluster-up/version.txt");
  const noted = existsSync(note) ? (await readFile(note, "utf8")).trim() : "";
  if (noted !== "") return noted;
  const options = { timeoutMs: timeouts.shortCommand, allowFailure: true };
  const described = await run("git", ["-C", folder, "describe", "--tags", "--exact-match"], options);
  if (described.exitCode === 0) return described.stdout.trim();
  throw environmentError(`It is not known which release the checkout \`${folder}\` is of.`, {
    evidence: described.stderr,
    hint: "check out a tag in it, or set `settings.kubevirtci.tag`",
  });
}

async function demandProvider(folder: string, tag: string, provider: string): Promise<void> {
  if (existsSync(join(folder, "cluster-up/cluster", provider, "provider.sh"))) return;
  const all = await readdir(join(folder, "cluster-up/cluster"));
  const known = all.filter((name) => name.startsWith("k8s-") && !name.endsWith(".sh"));
  throw environmentError(`kubevirtci ${tag} has no provider \`${provider}\`.`, {
    evidence: `it has: ${known.join(", ")}`,
    hint: "set `settings.kubevirtci.provider` to one of them, or `tag` to a release that has it",
  });
}
