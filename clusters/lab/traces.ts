import { existsSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { run } from "../../lib/command.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { runningProcesses } from "./daemon.ts";
import { clusterLabel, docker, filters } from "./docker.ts";
import { enginePaths } from "./dockerd.ts";
import { answeringEngine } from "./engine.ts";

/**
 * Whatever a lab could leave on this machine, one line each: containers and networks with our label, interfaces,
 * routes, firewall rules, mounts, kernel settings, daemons, files and folders (`folder PATH`). Two lists from before and after a lab are equal.
 */
export async function traces(cacheDir: string): Promise<string[]> {
  const looks = [labelled(cacheDir), links(), rules(), mounts(), settings(), daemons(), folders(cacheDir)];
  return (await Promise.all(looks)).flat().toSorted();
}

async function labelled(cacheDir: string): Promise<string[]> {
  const own = enginePaths(cacheDir).socket;
  const sockets = [(await answeringEngine())?.socket, existsSync(own) ? own : undefined];
  const query = `filters=${filters({ label: [clusterLabel] })}`;
  const perEngine = [...new Set(sockets)].map(async (socket) => {
    if (socket === undefined) return [];
    const [containers, networks] = await Promise.all([
      docker(socket, `/containers/json?all=true&${query}`),
      docker(socket, `/networks?${query}`),
    ]);
    return [
      ...z
        .array(z.object({ Names: z.array(z.string()) }))
        .parse(containers.body)
        .map(({ Names }) => `container ${Names[0]}`),
      ...z
        .array(z.object({ Name: z.string() }))
        .parse(networks.body)
        .map(({ Name }) => `network ${Name}`),
    ];
  });
  return (await Promise.all(perEngine)).flat();
}

async function links(): Promise<string[]> {
  const [interfaces, routes, namespaces] = await Promise.all([
    output("ip", "-o", "link"),
    output("ip", "-o", "route", "show", "table", "all"),
    output("ip", "netns", "list"),
  ]);
  // `7: veth12@if3: <UP> mtu 1500`: the name is enough, states change.
  const names = interfaces.map((line) => `interface ${line.split(": ")[1]}`);
  return [...names, ...routes.map((line) => `route ${line}`), ...namespaces.map((line) => `namespace ${line}`)];
}

/** Tables of nft, and the rules of iptables without their counts. */
async function rules(): Promise<string[]> {
  const [tables, saved] = await Promise.all([output("nft", "list", "tables"), output("iptables-save")]);
  return [
    ...tables.map((line) => `nft ${line}`),
    ...saved.filter((line) => line.startsWith("-")).map((line) => `iptables ${line}`),
  ];
}

async function mounts(): Promise<string[]> {
  const text = await readFile("/proc/self/mountinfo", "utf8");
  return text.split("\n").flatMap((line) => (line ? [`mount ${line.split(" ")[4]}`] : []));
}

/** What a kubelet sets on a machine of its own; these settings belong to no namespace. */
async function settings(): Promise<string[]> {
  const names = "kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes";
  const paths = `${names} vm/overcommit_memory vm/panic_on_oom`.split(" ").map((name) => `/proc/sys/${name}`);
  return Promise.all(paths.map(async (path) => `setting ${path} ${(await readFile(path, "utf8")).trim()}`));
}

/** Daemons that run on the machine itself: what runs in a container goes with the container. */
async function daemons(): Promise<string[]> {
  const names = new Set(["dockerd", "containerd", "containerd-shim-runc-v2", "docker-proxy", "docker-registry"]);
  const found = (await runningProcesses()).filter(({ argv }) => names.has(basename(argv[0] ?? "")));
  const here = await pidNamespace("self");
  const spaces = await Promise.all(found.map(({ pid }) => pidNamespace(String(pid))));
  return found.filter((_, index) => spaces[index] === here).map(({ pid, argv }) => `process ${pid} ${argv.join(" ")}`);
}

/** Undefined if the process has ended since it was seen. */
function pidNamespace(pid: string): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/pid`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ESRCH") return undefined;
    throw error;
  });
}

/**
 * Folders of clusters and what nodes have in them, drafts of the cache, folders of running engines, and temporary ones
 * by the names that the lab and its components give them: tests have others.
 */
async function folders(cacheDir: string): Promise<string[]> {
  const clusters = join(cacheDir, "clusters");
  const states = await entries(clusters, () => true);
  const paths = await Promise.all([
    states,
    ...states.map((state) => entries(state, (name) => name === "nodes" || name === "registry.pid")),
    entries(cacheDir, (name) => name.endsWith(".draft")),
    entries("/run", (name) => name.startsWith("vmesh-")),
    entries(tmpdir(), (name) => /^vmesh-(istio|kernel|policy)-/.test(name)),
  ]);
  return paths.flat().map((path) => `folder ${path}`);
}

/** Paths of a folder's entries with such names; none if there is no such folder. */
async function entries(folder: string, isTrace: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // The link to the current cluster may lead nowhere, and a folder may go meanwhile.
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter(isTrace).map((name) => join(folder, name));
}

async function output(tool: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(tool, args, { timeoutMs: timeouts.hostCommand });
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
