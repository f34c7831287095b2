import type { Environment } from "../../lib/environment.ts";
import type { Kube } from "../../lib/kube.ts";

/** A run in the middle of its work. */
export interface RunningRun {
  pid: number;
  /** Report folder that it was given with `--out`. */
  out: string;
  clusterId: string;
  /** Folder of the cluster. */
  stateDir: string;
  signal: AbortSignal;
}

/** The cluster that is up, and that runs use one after the other. */
export interface SharedCluster extends Omit<RunningRun, "pid" | "out"> {
  kube: Kube;
  environment: Environment;
}

interface AnyFault {
  name: string;
  /** What happens, as a clause. */
  sentence: string;
  /** How the run has to end: its exit code, or the signal that ended it. */
  ends: number | NodeJS.Signals;
  /** What its report or, where that cannot be, its output must say. */
  cause: RegExp;
  /** The run cannot remove what it has left: `scripts/vmesh clean` does. */
  cleanedLater?: true;
}

/** Something that goes wrong in the middle of a run on the cluster that is up. */
export interface SharedFault extends AnyFault {
  /** What the run is to check; some checks of the external VM when not given. */
  select?: readonly string[];
  /** Before the run is started. */
  prepare?(scene: Pick<RunningRun, "out" | "signal">): Promise<unknown>;
  /** Throws until it is time; when not given, once a check has passed. */
  when?(scene: SharedCluster): Promise<unknown>;
  inject(scene: SharedCluster & RunningRun): Promise<unknown>;
  /** Brings back what is gone, once the run has ended. */
  repair?(scene: SharedCluster & Pick<RunningRun, "out">): Promise<unknown>;
  /** Throws if anything but namespaces is not as before. */
  restored?(scene: SharedCluster): Promise<unknown>;
}

/** Something that no cluster outlives: the run starts one, and has to remove it with all that it put on this machine. */
export interface OwnFault extends AnyFault {
  /** The stage of the run after which it is time; when not given, once a check has passed. */
  after?: string;
  inject(scene: RunningRun): Promise<unknown>;
}
