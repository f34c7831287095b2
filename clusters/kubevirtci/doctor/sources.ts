import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "../../../lib/command.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, missing } from "../../finding.ts";
import { howToBring, type UpstreamRepository } from "../../upstream/upstream-repository.ts";
import type { VersionSet } from "../../version-set.ts";

/** Programs that kubevirtci's scripts or their cloning call, and are not there. */
export async function readPrograms(cloned: boolean): Promise<string[]> {
  const needed = ["make", "bash", ...(cloned ? ["git"] : [])];
  const options = { timeoutMs: timeouts.hostCommand };
  const seen = needed.map((name) =>
    run(name, ["--version"], options).then(
      () => [],
      () => [name],
    ),
  );
  return (await Promise.all(seen)).flat();
}

export function judgePrograms(absent: readonly string[]): Judgement {
  if (absent.length === 0) return fine("programs", "what kubevirtci's scripts call is there");
  return missing("programs", `not there: ${absent.join(", ")}`, `install ${absent.join(", ")}`);
}

/** What is cloned where the settings name no checkout; whether that has the provider is known only then. */
export function judgeClone(
  { name, tag, source, commit, cached }: UpstreamRepository,
  { set, offline = false }: { set: VersionSet; offline: boolean | undefined },
): Judgement {
  if (cached) return fine(name, `no checkout is named, and the cache has ${tag}`);
  if (offline) return missing(name, `may not be fetched, and the cache lacks ${tag}`, howToBring(set, name));
  return fine(name, "no checkout is named", `clones ${source} at ${tag}${commit ? "" : ", unpinned"}`);
}

export function judgeCheckout({ checkout, provider }: { checkout: string; provider: string }): Judgement {
  const name = "kubevirtci";
  const folder = resolve(checkout);
  if (!existsSync(join(folder, "cluster-up/up.sh"))) {
    return missing(
      name,
      `\`${folder}\` is no checkout of it`,
      "let `settings.kubevirtci.checkout` name one, or leave it out",
    );
  }
  if (!existsSync(join(folder, "cluster-up/cluster", provider, "provider.sh"))) {
    const mend = "set `settings.kubevirtci.provider` to one that it has, or check out a tag that has it";
    return missing(name, `\`${folder}\` has no provider \`${provider}\``, mend);
  }
  return fine(name, `\`${folder}\` has the provider \`${provider}\``);
}

export interface TestImageFacts {
  given: boolean;
  runtime: "docker" | "podman";
  /** Platform and architecture. */
  system: string;
  isRoot: boolean;
  isDebian: boolean;
}

/** Where the images of the checks' peers come from. */
export function judgeTestImages({ given, runtime, system, isRoot, isDebian }: TestImageFacts): Judgement {
  const name = "test images";
  if (given) return fine(name, "named in the settings");
  const lacks = [
    ...(runtime === "docker" ? [] : ["docker"]),
    ...(system === "linux x64" ? [] : ["x86-64"]),
    ...(isRoot ? [] : ["root"]),
    ...(isDebian ? [] : ["Debian's apt"]),
  ];
  if (lacks.length === 0)
    return fine(name, "none are named", "builds the images of the checks and pushes them to the cluster");
  const mend = "push them where the nodes can pull them, and name them in `settings.kubevirtci.images`";
  return missing(name, `none are named, and to build them takes ${lacks.join(", ")}`, mend);
}
