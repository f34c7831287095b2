import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

/** What the double of a container engine has, a file each, so that calls at the same time do not lose each other's. */
export interface DoubleContainer {
  id: string;
  name: string;
  /** RFC 3339. */
  created: string;
  /** As `ps` shows it. */
  command: string;
  labels: Record<string, string>;
  /** The container's process, where it has one of its own. */
  pid?: number;
  /** Port of this machine to port of the container. */
  ports?: Record<string, number>;
}

/** The engine behind the doubles: a folder. */
export interface DoubleEngine {
  folder: string;
  containers(): DoubleContainer[];
  put(container: DoubleContainer): void;
  /** Also ends its process. */
  remove(container: DoubleContainer): void;
  volumes(): string[];
  putVolume(name: string): void;
  removeVolume(name: string): void;
  /** Images that were pushed to a registry here, by reference. */
  pushed(): string[];
  putPushed(reference: string): void;
  /** The arguments of a failure mode that the test has switched on, `undefined` for one that is off. */
  fault(name: string): string[] | undefined;
}

/** An engine in a folder, which may be empty at first. */
export function doubleEngine(folder: string): DoubleEngine {
  const place = (kind: string, name?: string) => join(folder, kind, ...(name === undefined ? [] : [encode(name)]));
  const names = (kind: string) => (existsSync(place(kind)) ? readdirSync(place(kind)).filter(isWhole).map(decode) : []);
  const write = (kind: string, name: string, text: string) => {
    mkdirSync(place(kind), { recursive: true });
    const draft = join(folder, kind, `.${randomBytes(4).toString("hex")}`);
    writeFileSync(draft, text);
    renameSync(draft, place(kind, name));
  };
  return {
    folder,
    containers: () => names("containers").flatMap((name) => readContainer(place("containers", name))),
    put: (container) => write("containers", container.name, JSON.stringify(container)),
    remove({ name, id, pid }) {
      rmSync(place("containers", name), { force: true });
      rmSync(place("ports", id), { force: true });
      if (pid !== undefined) end(pid);
    },
    volumes: () => names("volumes"),
    putVolume: (name) => write("volumes", name, ""),
    removeVolume: (name) => rmSync(place("volumes", name), { force: true }),
    pushed: () => names("pushed"),
    putPushed: (reference) => write("pushed", reference, ""),
    fault: (name) =>
      (existsSync(join(folder, "faults")) ? readFileSync(join(folder, "faults"), "utf8") : "")
        .split("\n")
        .map((line) => line.split(" "))
        .find(([word]) => word === name)
        ?.slice(1),
  };
}

/** Another call may have removed it in between. */
function readContainer(path: string): DoubleContainer[] {
  try {
    return [JSON.parse(readFileSync(path, "utf8")) as DoubleContainer];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const isWhole = (file: string) => !file.startsWith(".");
const encode = (name: string) => encodeURIComponent(name);
const decode = (file: string) => decodeURIComponent(file);
