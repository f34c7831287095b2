import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "../lab/cache.ts";
import type { VersionSet } from "../version-set.ts";
import type { KubevirtciSettings } from "./settings.ts";

/** kubevirtci's scripts on this machine, and the release that they and the images are of. */
export interface Checkout {
  folder: string;
  tag: string;
  /** KUBEVIRT_PROVIDER. */
  provider: string;
}

export interface CheckoutOptions {
  cacheDir: string;
  /** Fetch nothing. */
  offline?: boolean | undefined;
  log: Log;
  signal: AbortSignal;
}

/**
 * The checkout that the settings name, or the clone of the tag, which is made in vmesh's cache where it is not there yet.
 * Throws an environment error if it has not the scripts, not the provider, or no tag that one knows of.
 */
export async function checkoutOf(
  settings: KubevirtciSettings,
  set: VersionSet,
  options: CheckoutOptions,
): Promise<Checkout> {
  const folder = settings.checkout === undefined ? await clone(settings, set, options) : resolve(settings.checkout);
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

/** The tag that is cloned, and that images are of. Throws an environment error if neither settings nor version set has one. */
export function tagOf(settings: KubevirtciSettings, set: VersionSet): string {
  const tag = settings.tag ?? set.versions["kubevirtci"];
  if (tag !== undefined) return tag;
  throw environmentError(`The version set \`${set.name}\` names no release of kubevirtci.`, {
    hint: "set `settings.kubevirtci.tag`, or choose a set that has one: `--versions current`",
  });
}

/** What of a checkout is called. */
const scripts = ["Makefile", ...["up", "down", "cli", "ssh", "kubeconfig"].map((name) => `cluster-up/${name}.sh`)];

async function clone(
  settings: KubevirtciSettings,
  set: VersionSet,
  { cacheDir, offline, log, signal }: CheckoutOptions,
): Promise<string> {
  const tag = tagOf(settings, set);
  const repository = settings.repository ?? set.repositories["kubevirtci"];
  if (repository === undefined) {
    throw environmentError(`The version set \`${set.name}\` names no repository of kubevirtci.`, {
      hint: "set `settings.kubevirtci.repository`, or `checkout` to a folder that has one",
    });
  }
  const entry = { root: cacheDir, kind: "kubevirtci", key: [repository, tag], log, signal };
  return cacheEntry(entry, async (folder) => {
    if (offline) {
      throw environmentError(`Offline, kubevirtci ${tag} is not in the cache.`, {
        hint: "let `settings.kubevirtci.checkout` name a checkout, or run once on a connected host",
      });
    }
    log.info(`cloning ${repository} at ${tag}`);
    const args = ["clone", "--quiet", "--depth", "1", "--branch", tag, repository, folder];
    await run("git", args, { timeoutMs: timeouts.download, signal, env: { GIT_TERMINAL_PROMPT: "0" } });
  });
}

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
