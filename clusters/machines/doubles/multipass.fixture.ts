import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The double's failures, see `multipass` beside this file. */
export type Failure =
  | "address-changes"
  | "cloud-init-error"
  | "daemon-down"
  | "delete-fails"
  | "half-created"
  | "k3s-hangs"
  | "k3s-import-fails"
  | "k3s-install-fails"
  | "launch-download"
  | "launch-hangs"
  | "launch-no-memory"
  | "launch-slow"
  | "launch-times-out"
  | "launch-unknown"
  | "no-address"
  | "wrong-json";

/** A double of Multipass and its state on disk. */
export interface MultipassDouble {
  /** Its program, a double of `multipass`. */
  program: string;
  /** Folder of the state; `MULTIPASS_DOUBLE` has to name it wherever the program runs. */
  state: string;
  /** Lets a failure happen the next `times` times; with a `host`, to its instance alone. */
  fails(failure: Failure, times?: number, host?: string): Promise<void>;
  /** Writes a file of the state, see the program. */
  set(file: string, content: string): Promise<void>;
  instances(): Promise<string[]>;
  /** What a file of the state holds. */
  read(file: string): Promise<string>;
  /** The calls of one command, oldest first. */
  calls(command: string): Promise<string[]>;
}

/** The folder with the double's program, for a PATH. */
export const doublesFolder = import.meta.dirname;

export async function multipassDouble(state: string): Promise<MultipassDouble> {
  await mkdir(join(state, "failures"), { recursive: true });
  const path = (file: string) => join(state, file);
  const read = (file: string) => readFile(path(file), "utf8");
  return {
    program: join(doublesFolder, "multipass"),
    state,
    read,
    fails: (failure, times = 1, host = "") => writeFile(path(`failures/${failure}`), `${times} ${host}\n`),
    set: (file, content) => writeFile(path(file), content),
    instances: async () => (existsSync(path("instances")) ? readdir(path("instances")) : []),
    async calls(command) {
      const lines = existsSync(path("calls")) ? (await read("calls")).split("\n") : [];
      return lines.filter((line) => line.split(" ")[0] === command);
    },
  };
}
