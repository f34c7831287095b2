import { join } from "node:path";
import { timeouts } from "../timeouts.ts";
import { deadline } from "../wait.ts";
import { type Bounds, type Bundle, guarded, type Kept, openBundle } from "./bundle.ts";

/**
 * Keeps evidence of a part of the run that failed, under a name of its own, before that part is removed. Never rejects,
 * so that the error it is evidence for stays the first.
 */
export type KeepEvidence = (name: string, collect: (bundle: Bundle) => Promise<void>) => Promise<void>;

/** A cluster is larger than a check, and there is one. */
const clusterBounds: Bounds = { bytes: 8_000_000, bytesPerFile: 100_000, files: 400 };

/** Evidence in folders below this one, each within the bounds of a cluster and `timeouts.clusterDiagnostics`. */
export function evidenceKeeper(folder: string, onKept: (kept: Kept) => void): KeepEvidence {
  return async (name, collect) => {
    const signal = deadline(timeouts.clusterDiagnostics);
    const options = { signal, collectorMs: timeouts.collector, bounds: clusterBounds };
    const bundle = openBundle(join(folder, name), options);
    await guarded(bundle, collect);
    onKept(await bundle.close());
  };
}
