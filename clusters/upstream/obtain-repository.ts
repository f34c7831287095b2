import { type CommandOptions, type CommandResult, run } from "../../lib/command.ts";
import { environmentError, type HarnessError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "../lab/cache.ts";
import type { VersionSet } from "../version-set.ts";
import {
  describeRepository,
  lockedAs,
  repositoryNotInCache,
  type RepositoryOptions,
  type UpstreamRepository,
} from "./upstream-repository.ts";
import { emptyLock } from "./version-lock.ts";

export interface ObtainRepositoryOptions extends RepositoryOptions {
  /** Fetch nothing: what is not in the cache is an error. */
  offline?: boolean | undefined;
  log: Log;
  signal: AbortSignal;
}

/**
 * The folder with a repository of the set in vmesh's cache: cloned at its tag if it is not there yet. Throws an
 * environment error if the tag is not the commit that the lock names, of which then nothing stays; if it cannot be had;
 * and, where nothing may be fetched, if it is not in the cache.
 */
export async function obtainRepository(
  set: VersionSet,
  name: string,
  options: ObtainRepositoryOptions,
): Promise<string> {
  const { log, signal, offline = false } = options;
  const repository = await describeRepository(set, name, options);
  if (offline && !repository.cached) throw repositoryNotInCache(set, repository);
  return cacheEntry({ ...repository.entry, log, signal }, async (folder) => {
    const { source, tag, commit } = repository;
    log.info(`cloning ${name}${commit ? "" : ", unpinned,"} from ${source} at ${tag}`);
    const args = ["clone", "--quiet", "--depth", "1", "--branch", tag, "--", source, folder];
    const cloned = await git(args, { timeoutMs: timeouts.download, signal });
    if (cloned.exitCode !== 0) throw notToBeHad(repository, cloned.stderr);
    const got = await git(["-C", folder, "rev-parse", "HEAD"], { timeoutMs: timeouts.shortCommand, signal });
    if (commit !== undefined && got.stdout.trim() !== commit) throw wrongCommit(set, repository, got.stdout.trim());
  });
}

/** The commit that the tag of a repository is where it is cloned from, now: for a lock that is to be written. */
export async function currentCommit(
  set: VersionSet,
  name: string,
  { signal, ...options }: RepositoryOptions & { signal: AbortSignal },
): Promise<{ reference: string; commit: string }> {
  const repository = await describeRepository(set, name, { ...options, lock: emptyLock() });
  const ref = `refs/tags/${repository.tag}`;
  // Of an annotated tag the first is the tag itself, the second the commit that it is of.
  const asked = ["ls-remote", "--", repository.source, ref, `${ref}^{}`];
  const { stdout, stderr, exitCode } = await git(asked, { timeoutMs: timeouts.shortCommand, signal });
  const told = Object.fromEntries(stdout.split("\n").map((line) => line.split("\t").toReversed()));
  const commit: string | undefined = told[`${ref}^{}`] ?? told[ref];
  if (exitCode !== 0 || commit === undefined) throw notToBeHad(repository, stderr);
  return { reference: lockedAs(repository), commit };
}

/** Never asks for a password. */
function git(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return run("git", args, { allowFailure: true, env: { GIT_TERMINAL_PROMPT: "0" }, ...options });
}

function notToBeHad({ name, source, tag }: UpstreamRepository, stderr: string): HarnessError {
  return environmentError(`${name} cannot be had from ${source} at the tag \`${tag}\`.`, {
    evidence: stderr || "it has no such tag",
    hint: `see whether the tag exists, and whether a mirror serves git there; else let \`settings.${name}\` name a \`repository\` or a \`checkout\``,
  });
}

function wrongCommit(set: VersionSet, { name, source, tag, commit }: UpstreamRepository, got: string): HarnessError {
  return environmentError(`${name} ${tag} from ${source} is not the commit that version set \`${set.name}\` pins.`, {
    evidence: `expected ${commit}\ngot      ${got}`,
    hint: `find out who moved the tag; if the change is meant, \`scripts/vmesh artifacts --set ${set.name} --lock\``,
  });
}
