import type { KeepEvidence } from "../../lib/diagnostics/keeper.ts";
import type { Capability } from "../../lib/environment.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Kube } from "../../lib/kube.ts";
import type { Log } from "../../lib/log.ts";
import type { MeshFacts } from "../../lib/mesh.ts";
import type { ClusterAccess } from "../provider.ts";

/** What a component works on: the cluster and where its parts come from. */
export interface Target {
  /** Labels the namespaces of probes, so that `clean` finds them on a cluster that stays. */
  clusterId?: string;
  /** With the versions of the components that are ready, and what the mesh is, once Istio is. */
  access: ClusterAccess;
  kube: Kube;
  log: Log;
  /** Takes evidence of a probe that failed, before its namespace is removed. */
  keepEvidence?: KeepEvidence | undefined;
}

/** What a component that is ready tells of itself, to those after it and to the checks. */
export interface Facts {
  mesh?: MeshFacts;
  /** Capabilities beyond what it always provides, and those of the latter that it turned out not to. */
  capabilities?: Partial<Record<Capability, true | string>>;
}

/** What is on a cluster already: a version, nothing, or something that vmesh can neither use nor replace. */
export type Found = string | undefined | { unusable: string };

/** Something that vmesh uses on a cluster, and installs where it is not there and the provider lets it. */
export interface Component {
  name: string;
  /** Components that must be ready before `install`. */
  needs: readonly string[];
  /** Components that are waited for, and may be missing. */
  after?: readonly string[];
  provides: readonly Capability[];
  /** Where its workloads and its own objects are: looked at when something fails. */
  namespaces: readonly string[];
  /** Why the component cannot be on this cluster, where that is no fault: then its capabilities are missing for this reason. */
  absent?(target: Target): string | undefined;
  /** Looks for one that is there already, whoever installed it; changes nothing that lasts. Without it there never is one. */
  find?(target: Target, signal: AbortSignal): Promise<Found>;
  /** What `install` would have to be given and is not; without it the provider has everything. */
  lacks?(target: Target): string | undefined;
  /** Applies the component, and without `prove` returns once a probe that does real work has succeeded. */
  install(target: Target, signal: AbortSignal): Promise<void>;
  /** Returns once a probe that does real work has succeeded, be the component installed or found. */
  prove?(target: Target, signal: AbortSignal): Promise<Facts | void>;
  /** The component's version: as it reports it where it can, else as its provider built it. */
  version(target: Target): Promise<string>;
}

/** Image reference of a component's part. Throws if the provider has none: then the component cannot run there. */
export function partOf(target: Target, part: string): string {
  const image = target.access.parts[part];
  if (image) return image;
  throw environmentError(`The provider has no image for \`${part}\`.`, {
    evidence: `it has: ${Object.keys(target.access.parts).join(", ")}`,
  });
}

/** The first of these parts for which the provider has no image, in words. */
export function lackedPart({ access }: Target, parts: readonly string[]): string | undefined {
  const lacked = parts.find((part) => !access.parts[part]);
  return lacked === undefined ? undefined : `the provider has no image for \`${lacked}\``;
}
