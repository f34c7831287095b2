import type { KeepEvidence } from "../../lib/diagnostics/keeper.ts";
import type { Capability } from "../../lib/environment.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Kube } from "../../lib/kube.ts";
import type { Log } from "../../lib/log.ts";
import type { ClusterAccess } from "../provider.ts";

/** What a component works on: the cluster and where its parts come from. */
export interface Target {
  access: ClusterAccess;
  kube: Kube;
  log: Log;
  /** Takes evidence of a probe that failed, before its namespace is removed. */
  keepEvidence?: KeepEvidence | undefined;
}

/** Something installed on a cluster. */
export interface Component {
  name: string;
  /** Components or capabilities that must be ready before `install`. */
  needs: readonly string[];
  provides: readonly Capability[];
  /** Where its workloads and its own objects are: looked at when something fails. */
  namespaces: readonly string[];
  /** Why the component cannot be on this cluster, where that is no fault: then its capabilities are missing for this reason. */
  absent?(target: Target): string | undefined;
  /** Applies the component and returns once a probe that does real work has succeeded. */
  install(target: Target, signal: AbortSignal): Promise<void>;
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
