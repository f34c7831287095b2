import type { Environment } from "../../lib/environment.ts";
import type { Kube } from "../../lib/kube.ts";

/** A run in the middle of its work, and the cluster that is up. */
export interface FaultScene {
  kube: Kube;
  environment: Environment;
  /** Folder of the cluster. */
  stateDir: string;
  /** Report folder that the run was given with `--out`. */
  out: string;
  /** Of the run. */
  pid: number;
  signal: AbortSignal;
}

/** Something that goes wrong in the middle of a run. */
export interface Fault {
  name: string;
  /** What happens, as a clause. */
  sentence: string;
  /** What the run is to check; some checks of the external VM when not given. */
  select?: readonly string[];
  /** Before the run is started; only `out` and `signal` matter. */
  prepare?(scene: Pick<FaultScene, "out" | "signal">): Promise<unknown>;
  /** Throws until it is time; when not given, once a check has passed. */
  when?(scene: FaultScene): Promise<unknown>;
  inject(scene: FaultScene): Promise<unknown>;
  /** Brings back what is gone, once the run has ended. */
  repair?(scene: Omit<FaultScene, "pid">): Promise<unknown>;
  /** How the run has to end: its exit code, or the signal that ended it. */
  ends: number | NodeJS.Signals;
  /** What its report or, where that cannot be, its output must say. */
  cause: RegExp;
  /** The run cannot remove what its checks have left: `scripts/vmesh clean` does. */
  cleanedLater?: true;
  /** The cluster does not outlive it: it comes last, and what it leaves is the cluster's to remove. */
  ruins?: true;
  /** Throws if anything is not as before that is not a namespace. */
  restored?(scene: Omit<FaultScene, "pid">): Promise<unknown>;
}
