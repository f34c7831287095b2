import { readFile } from "node:fs/promises";
import { fine, type Judgement, missing } from "../../finding.ts";

export interface SeenCgroups {
  /** Content of `/proc/mounts`. */
  mounts: string;
  /** Content of `/proc/cgroups`. */
  controllers: string;
  /** Files of version 2 at the root that is visible here; each empty where there is none. */
  unified: { controllers: string; delegated: string; type: string; processes: string };
}

/** Version 2 with its controllers delegated, or version 1 with those that a kubelet asks for. */
export function judgeCgroups(seen: SeenCgroups): Judgement {
  const mounted = seen.mounts.split("\n").map((line) => line.split(" "));
  const root = mounted.find(([, path, type]) => path === root2 && type === "cgroup2");
  if (root) return judgeVersion2(seen.unified, isWritable(root));
  return judgeVersion1(
    mounted.filter(([, , type]) => type === "cgroup"),
    seen.controllers,
  );
}

/** Reads what `judgeCgroups` judges. */
export async function readCgroups(): Promise<SeenCgroups> {
  // Version 1 has none of these, nor has a host's root a type.
  const unified = (file: string) => readFile(`${root2}/${file}`, "utf8").catch(() => "");
  const [mounts, controllers, all, delegated, type, processes] = await Promise.all([
    readFile("/proc/mounts", "utf8"),
    readFile("/proc/cgroups", "utf8"),
    unified("cgroup.controllers"),
    unified("cgroup.subtree_control"),
    unified("cgroup.type"),
    unified("cgroup.procs"),
  ]);
  return { mounts, controllers, unified: { controllers: all, delegated, type, processes } };
}

const root2 = "/sys/fs/cgroup";
const name = "cgroups";
const kubeletControllers = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids"];
const kubeletControllers2 = ["cpu", "cpuset", "memory", "pids"];

function judgeVersion2({ controllers, delegated, type, processes }: SeenCgroups["unified"], writable: boolean) {
  if (!writable) return missing(name, "version 2, read-only", writableMend);
  const [all, passedOn] = [words(controllers), words(delegated)];
  const lacking = kubeletControllers2.filter((controller) => !all.includes(controller));
  if (lacking.length > 0) {
    const mend = "delegate them to this container or service (Delegate=yes), or boot without `cgroup_disable`";
    return missing(name, `version 2 without: ${lacking.join(", ")}`, mend);
  }
  // Only the root of the host, which has no type, may have processes beside children with controllers.
  const blocked = kubeletControllers2.filter((controller) => !passedOn.includes(controller));
  if (type.trim() !== "" && blocked.length > 0 && processes.trim() !== "") {
    const detail = `version 2, but processes in the root that is visible here keep it from passing on: ${blocked.join(", ")}`;
    return missing(name, detail, "move them into a child first, as `docker:dind` does, or use the host's cgroups");
  }
  return fine(name, "version 2");
}

function judgeVersion1(hierarchies: readonly string[][], table: string): Judgement {
  if (hierarchies.length === 0) {
    return missing(name, "no cgroup file system is mounted", `mount cgroup2 at ${root2}`);
  }
  // Columns: controller, hierarchy, cgroups, enabled.
  const enabled = table.split("\n").flatMap((line) => (line.endsWith("\t1") ? (line.split("\t")[0] ?? []) : []));
  const usable = (controller: string) =>
    enabled.includes(controller) && hierarchies.some((mount) => mount[3]?.split(",").includes(controller));
  const lacking = kubeletControllers.filter((controller) => !usable(controller));
  if (lacking.length > 0) {
    const mend = "mount these controllers, or boot with `systemd.unified_cgroup_hierarchy=1`";
    return missing(name, `version 1 without: ${lacking.join(", ")}`, mend);
  }
  const fixed = hierarchies.filter((mount) => !isWritable(mount));
  if (fixed.length === 0) return fine(name, "version 1");
  return missing(name, `version 1, read-only at ${fixed.map(([, path]) => path).join(", ")}`, writableMend);
}

const writableMend = "start this container privileged, or with its cgroups mounted writable";

/** Of a line of `/proc/mounts`, whose fourth field are the options. */
function isWritable([, , , options = ""]: readonly string[]): boolean {
  return options.split(",").includes("rw");
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
