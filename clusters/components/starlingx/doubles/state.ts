import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the double of `system` knows of an application. */
export interface ApplicationState {
  name: string;
  version: string;
  manifestName: string;
  manifestFile: string;
  status: string;
  progress: string;
}

/** How one kind of operation goes: how many looks at the list it takes, and how it ends. */
export interface Course {
  looks: number;
  ends: "well" | "badly" | "never";
  /** What the list shows when it has ended badly, or for as long as it does not end. */
  progress?: string;
  /** Instead of `applying`: `recovering`, or whatever else it is while it goes on. */
  status?: string;
  /** Also when it is forced. */
  evenForced?: true;
}

/** How the double departs from a StarlingX where everything goes well. */
export interface Misbehaviour {
  upload?: Course;
  apply?: Course;
  remove?: Course;
  /** Subcommands that never answer. */
  hangs?: string[];
  /** Subcommands that print nothing and end with 0. */
  silent?: string[];
  /** Subcommands that are refused, with what is printed. */
  refuses?: Record<string, string>;
  /** What `application-list` prints instead of its table. */
  list?: string;
  /** An upload that nothing comes of. */
  losesUpload?: true;
}

/** An operation that is under way. */
export interface Operation extends Course {
  kind: "upload" | "apply" | "remove";
  name: string;
  forced: boolean;
  /** An abort was asked for. */
  aborted: boolean;
  /** Process group of the hook that does the work, and the file that will have its exit code. */
  hook?: { pid: number; exitFile: string };
}

export interface State {
  applications: ApplicationState[];
  operation?: Operation | undefined;
  misbehaviour: Misbehaviour;
  /** Commands that do what an operation does to the cluster. */
  hooks: { apply?: string[]; remove?: string[] };
  /** Every command that was given to the double, in order. */
  calls: string[];
}

const file = () => join(stateFolder(), "state.json");

export function stateFolder(): string {
  const folder = process.env["STARLINGX_DOUBLE"];
  if (!folder) throw new Error("The double of StarlingX's `system` has no state: STARLINGX_DOUBLE is not set.");
  return folder;
}

export function readState(): State {
  return JSON.parse(readFileSync(file(), "utf8")) as State;
}

export function writeState(state: State): void {
  const draft = `${file()}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(state, undefined, 2));
  renameSync(draft, file());
}
