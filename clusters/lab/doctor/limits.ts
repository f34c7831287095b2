import { readdir, readFile, readlink } from "node:fs/promises";
import { fine, type Judgement, limited, missing } from "../../finding.ts";

/** Something the kernel gives out up to a number. */
export interface Quota {
  max: number;
  used: number;
}

export interface SeenFiles {
  /** Hard limit on the open files of one process. */
  ofProcess: number;
  ofMachine: Quota;
}

/** inotify instances are counted for root on the whole machine, containers included; a kubelet without any ends. */
export function judgeInotify({ max, used }: Quota, nodes: number): Judgement {
  const free = max - used;
  const [atRest, busy] = [inotifyOfNode.atRest * nodes, inotifyOfNode.busy * nodes];
  const detail = `${free} of ${max} instances are free`;
  if (free >= busy) return fine("inotify", `${detail}, a run takes up to ${busy}`);
  const mend = `sysctl fs.inotify.max_user_instances=${Math.max(512, used + busy)}`;
  if (free < atRest) return missing("inotify", `${detail}, expected ${busy}`, mend);
  return limited("inotify", `${detail}, expected ${busy}: proxies of parallel checks may get none`, mend);
}

/** Judges open files: the limit that programs raise theirs to, and those of the whole machine. */
export function judgeFiles({ ofProcess, ofMachine }: SeenFiles, nodes: number): Judgement {
  const needed = filesOfNode * nodes;
  const free = ofMachine.max - ofMachine.used;
  if (ofProcess < filesOfProcess) {
    const mend = "raise the hard limit (`ulimit -Hn`, LimitNOFILE of a service, --ulimit of a container)";
    return missing("open files", `${ofProcess} for one process, expected ${filesOfProcess}`, mend);
  }
  const detail = `${count(ofProcess)} for one process, ${count(free)} on the machine are free`;
  if (free >= needed) return fine("open files", detail);
  return missing("open files", `${detail}, expected ${needed}`, `sysctl fs.file-max=${ofMachine.used + 2 * needed}`);
}

/** Judges how many processes and threads there may be; `within` names where the narrowest limit is. */
export function judgeProcesses(quota: Quota & { within: string }, nodes: number): Judgement {
  const needed = processesOfNode * nodes;
  const detail = `${count(quota.max - quota.used)} of ${count(quota.max)} are free within ${quota.within}`;
  if (quota.max - quota.used >= needed) return fine("processes", detail);
  return missing("processes", `${detail}, expected ${needed}`, `raise ${quota.within}`);
}

export async function readInotify(): Promise<Quota> {
  const [max, used] = await Promise.all([readNumber("/proc/sys/fs/inotify/max_user_instances"), countInotify()]);
  return { max, used };
}

export async function readFiles(): Promise<SeenFiles> {
  const [limits, fileNr] = await Promise.all([
    readFile("/proc/self/limits", "utf8"),
    readFile("/proc/sys/fs/file-nr", "utf8"),
  ]);
  // Columns: name, soft limit, hard limit, unit.
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  const [used, , max] = fileNr.trim().split(/\s+/).map(Number);
  const ofProcess = hard === "unlimited" ? Number.POSITIVE_INFINITY : Number(hard);
  return { ofProcess, ofMachine: { max: Number(max), used: Number(used) } };
}

/** The narrowest of the kernel's limits and that of the cgroup which everything started here is below. */
export async function readProcesses(cgroups = "/sys/fs/cgroup"): Promise<Quota & { within: string }> {
  const [pidMax, threadsMax, loadavg] = await Promise.all([
    readNumber("/proc/sys/kernel/pid_max"),
    readNumber("/proc/sys/kernel/threads-max"),
    readFile("/proc/loadavg", "utf8"),
  ]);
  // The fourth field is RUNNING/ALL.
  const used = Number(/\/(\d+)/.exec(loadavg)?.[1]);
  const quotas = [
    { max: pidMax, used, within: "the setting `kernel.pid_max`" },
    { max: threadsMax, used, within: "the setting `kernel.threads-max`" },
  ];
  for (const folder of [cgroups, `${cgroups}/pids`]) {
    const max = await readNumber(`${folder}/pids.max`).catch(() => Number.NaN);
    // A host's root has no such file, and `max` is no number.
    if (Number.isNaN(max)) continue;
    const within = "the limit on processes of this container or service";
    quotas.push({ max, used: await readNumber(`${folder}/pids.current`), within });
  }
  return quotas.reduce((narrow, quota) => (quota.max - quota.used < narrow.max - narrow.used ? quota : narrow));
}

/** Measured with two nodes: 52 instances at rest; while four checks ran 69, with 1000 threads and 3800 files. */
const inotifyOfNode = { atRest: 26, busy: 40 };
const processesOfNode = 1500;
const filesOfNode = 8000;
/** Measured: 175 of containerd. */
const filesOfProcess = 1024;

async function readNumber(path: string): Promise<number> {
  return Number((await readFile(path, "utf8")).trim());
}

/** Instances of this user's processes. A process that ends meanwhile, or may not be looked into, has none. */
async function countInotify(): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const counts = await Promise.all(
    pids.map(async (pid) => {
      const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
      const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "")));
      return targets.filter((target) => target === "anon_inode:inotify").length;
    }),
  );
  return counts.reduce((sum, part) => sum + part, 0);
}

function count(number: number): string {
  return Number.isFinite(number) ? String(number) : "any number";
}
