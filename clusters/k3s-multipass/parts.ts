import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { buildOwnPrograms } from "../lab/own-programs.ts";
import { obtainFile } from "../obtain-file.ts";
import { mirrored } from "../upstream/mirror.ts";
import { obtainManifests } from "../upstream/obtain-manifests.ts";
import type { BringUp } from "./bring-up.ts";
import type { NodeParts } from "./install-k3s.ts";
import type { K3sSettings, UpstreamName } from "./settings.ts";
import { type Architecture, workloadImage } from "./test-images.ts";

/** Everything that goes into instances, for their architecture, and istioctl for this machine. */
export async function obtainParts(work: BringUp, architecture: Architecture) {
  const { options, settings, set, signal } = work;
  const { cacheDir, mirror, offline, log, stateDir } = options;
  const platform = `linux-${architecture}`;
  const { workload } = settings.images;
  const echo = settings.externalVm || workload === undefined ? await echoFor(work, architecture) : "";
  const proxy = set.images["istio/proxyv2"];
  const node: NodeParts = {
    k3s: await fileOf(work, "k3s", platform),
    installer: await fileOf(work, "k3s-install.sh", platform),
    version: set.versions["k3s"] ?? "",
    token: await tokenIn(stateDir),
    registries: settings.registries,
  };
  return {
    node,
    istioctl: await fileOf(work, "istioctl", settings.istioArch?.replace("osx", "darwin")),
    sidecar: {
      package: settings.externalVm ? await fileOf(work, "istio-sidecar.deb", platform) : "",
      echo,
      proxyImage: proxy && mirrored.reference(proxy, mirror),
      containerTool: settings.containerTool,
    },
    manifests: await obtainManifests(set, { cacheDir, mirror, offline, log, signal }),
    image: workload === undefined ? await workloadImage({ architecture, echo, cacheDir, log, signal }) : undefined,
  };
}

/** Our program for the instances, built here unless the section names one. */
async function echoFor(work: BringUp, architecture: Architecture): Promise<string> {
  const own = ownFile(work, "vmesh-echo");
  if (own !== undefined) return own;
  const { cacheDir, log } = work.options;
  return join(await buildOwnPrograms({ cacheDir, architecture, log, signal: work.signal }), "vmesh-echo");
}

/** A file of the version set, unless the section names one of this machine. */
export async function fileOf(work: BringUp, name: UpstreamName, platform?: string): Promise<string> {
  const own = ownFile(work, name);
  if (own !== undefined) return own;
  const { options, set, signal } = work;
  const { cacheDir, mirror, offline, log } = options;
  return obtainFile(set, name, { cacheDir, mirror, offline, platform, log, signal });
}

/** A file that the section names. Throws an environment error if there is none. */
function ownFile({ settings }: BringUp, name: keyof K3sSettings["files"]): string | undefined {
  const own = settings.files[name];
  if (own === undefined || existsSync(own)) return own;
  throw environmentError(`There is no file \`${own}\`, which the settings name as \`${name}\`.`);
}

/** By which agents are let in: one that was made before stays, as the server knows no other. */
async function tokenIn(stateDir: string): Promise<string> {
  const file = join(stateDir, "token");
  if (!existsSync(file)) await writeFile(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  return readFile(file, "utf8");
}
