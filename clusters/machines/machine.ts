import type { MachineAccess } from "../../lib/machine.ts";

/** What every driver is told. */
export interface LaunchOptions {
  /** Host name of the machine, unique within its cluster. */
  name: string;
  /** Folder for the machine's own files; exists. */
  folder: string;
  memoryMiB: number;
  signal: AbortSignal;
}

/** A machine that was launched and boots. Its one owner disposes it. */
export interface LaunchedMachine {
  access: MachineAccess;
  /** What its kernel has said so far, and what else it printed on its console, where the driver has that. */
  console(): Promise<string>;
  /** Ends and removes the machine. A second call does nothing. */
  dispose(): Promise<void>;
}

/** A way to get machines outside the cluster: one file, and one test that calls `machine.contract.ts`. */
export interface MachineDriver {
  name: string;
  /** Starts a machine, which then boots by itself: see `answersOnSsh`. On failure or abort nothing of it stays. */
  launch(options: LaunchOptions): Promise<LaunchedMachine>;
}
