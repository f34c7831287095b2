import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { DoubleContainer, DoubleEngine } from "./engine.ts";

/** How one command of gocli ended. */
type Exit = number;

/**
 * What kubevirtci's own program, which runs in a container, does to the engine, as far as its scripts and this provider
 * see it: containers named by a prefix, random ports, and files copied from the first node. Its nodes are no machines;
 * what answers as their API server is whatever the engine's `admin.conf` names.
 */
export async function gocli(engine: DoubleEngine, args: readonly string[]): Promise<Exit> {
  const [command = "", ...words] = positionals(args);
  const prefix = optionOf(args, "--prefix") ?? "kubevirt";
  const commands: Record<string, () => Exit | Promise<Exit>> = {
    run: () => run(engine, args, prefix, words),
    scp: () => scp(engine, prefix, words),
    ports: () => ports(engine, prefix, words),
    ssh: () => ssh(engine, prefix, words),
    rm: () => rm(engine, prefix),
  };
  const work = commands[command];
  return work ? work() : complain(`unknown command "${command}" for "cli"`);
}

async function run(engine: DoubleEngine, args: readonly string[], prefix: string, words: string[]): Promise<Exit> {
  const provider = words.at(-1) ?? "";
  const image = `quay.io/kubevirtci/${provider}:double`;
  process.stdout.write(`Download the image ${image}\n`);
  if (engine.fault("no-image")) {
    process.stderr.write(`failed to download ${image}: manifest for ${image} not found: manifest unknown\n`);
    return complain(
      `panic: Failed to download cluster image ${image}, failed to download ${image} four times, giving up`,
      2,
    );
  }
  const volume = optionOf(args, "--registry-volume");
  if (volume !== undefined) engine.putVolume(volume);
  // Gives up without an error, as the real one does.
  if (engine.fault("dnsmasq")) {
    process.stdout.write("dnsmasq container failed to start 3 times\n");
    return 0;
  }
  const nodes = Array.from({ length: Number(optionOf(args, "--nodes") ?? 1) }, (_, index) => nodeName(index + 1));
  const taken = engine.containers().find(({ name }) => name === `${prefix}-dnsmasq`);
  if (taken || engine.fault("taken")) {
    const id = taken?.id ?? newId();
    return complain(
      `Error response from daemon: Conflict. The container name "/${prefix}-dnsmasq" is already in use by container "${id}".`,
    );
  }
  await startDnsmasq(engine, prefix);
  engine.put(container(`${prefix}-registry`, "/entrypoint.sh /etc/docker/registry/config.yml"));
  for (const [index, node] of nodes.entries()) {
    if (engine.fault("half-created") && index === nodes.length - 1) {
      engine.put(container(`${prefix}-${node}`, "/bin/bash -c /vm.sh"));
      return complain("could not establish a connection to the node after a generous timeout: exit status 255");
    }
    engine.put(container(`${prefix}-${node}`, "/bin/bash -c /vm.sh"));
    const slow = engine.fault("slow");
    if (slow) await (await import("../../../lib/wait.ts")).pause(Number(slow[0]));
    log(`[node ${index + 1}]: hostnamectl`);
    if (engine.fault("err")) {
      process.stdout.write("[ERR ] the node does not take its settings\n");
      return 0;
    }
  }
  if (engine.fault("hang")) return never();
  if (args.includes("--enable-cnao")) log("[node 1]: kubectl wait deployment -n cluster-network-addons");
  if (args.includes("--enable-istio")) log("Istio operator is now ready!");
  return 0;
}

function scp(engine: DoubleEngine, prefix: string, [source = "", target = ""]: string[]): Exit {
  if (!has(engine, `${prefix}-dnsmasq`)) return complain(`failed to found the container with name ${prefix}-dnsmasq`);
  if (target !== "-") return complain(`the double copies to standard output alone, not to ${target}`);
  process.stdout.write(source.endsWith("kubectl") ? kubectl() : adminConf(engine));
  return 0;
}

function adminConf(engine: DoubleEngine): string {
  if (engine.fault("garbage-kubeconfig")) return "C0600 error: scp: connection lost\n";
  if (engine.fault("empty-kubeconfig")) return "";
  return readFileSync(join(engine.folder, "admin.conf"), "utf8");
}

/** The kubectl that the scripts copy from the node and change the kubeconfig with. */
function kubectl(): string {
  const program = join(import.meta.dirname, "kubectl.ts");
  return `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
}

function ports(engine: DoubleEngine, prefix: string, [name = ""]: string[]): Exit {
  const dnsmasq = engine.containers().find((one) => one.name === `${prefix}-dnsmasq`);
  if (!dnsmasq) return complain(`failed to found the container with name ${prefix}-dnsmasq`);
  if (engine.fault("garbage-ports")) return complain("port is not exposed", 0);
  const port = dnsmasq.ports?.[name];
  if (port === undefined) return complain(`unknown port name ${name}`);
  process.stdout.write(`${port}\n`);
  return 0;
}

async function ssh(engine: DoubleEngine, prefix: string, words: string[]): Promise<Exit> {
  const [node = "", ...rest] = words;
  const command = rest.join(" ");
  if (command.startsWith("until ls") && engine.fault("istio-loop")) return never();
  if (!has(engine, `${prefix}-${node}`)) return complain(`No such container: ${prefix}-${node}`);
  if (command.includes("journalctl")) process.stdout.write(`systemd[1]: Started kubelet of ${node}, a double.\n`);
  if (command.includes("label node")) process.stdout.write("node labelled\n");
  return 0;
}

async function rm(engine: DoubleEngine, prefix: string): Promise<Exit> {
  if (engine.fault("down-hangs")) return never();
  if (engine.fault("down-fails"))
    return complain("Error response from daemon: driver failed to remove root filesystem");
  for (const one of engine.containers().filter(({ name }) => name.startsWith(`${prefix}-`))) engine.remove(one);
  for (const name of engine.volumes().filter((volume) => volume.includes(prefix))) engine.removeVolume(name);
  return 0;
}

/**
 * The container that has all published ports; its process leads one of them to the API server. Container and port file
 * are there first: whoever removes them ends the process, too, wherever this one was killed.
 */
export async function startDnsmasq(
  engine: DoubleEngine,
  prefix: string,
  { id, created } = container("", ""),
): Promise<void> {
  const { host, port } = upstreamOf(engine);
  const folder = join(engine.folder, "ports");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, id);
  writeFileSync(file, "");
  const own = { ...container(`${prefix}-dnsmasq`, "/bin/bash -c /dnsmasq.sh"), id, created };
  engine.put(own);
  const forwarder = join(import.meta.dirname, "forwarder.ts");
  const child = spawn(process.execPath, [forwarder, file, host, port], { detached: true, stdio: "ignore" });
  child.unref();
  const [{ eventually }, { timeouts }] = await Promise.all([
    import("../../../lib/wait.ts"),
    import("../../../lib/timeouts.ts"),
  ]);
  const started = { what: "the double's port is open", budgetMs: timeouts.daemonReady, intervalMs: 20 };
  const k8s = await eventually(started, async () => {
    const text = readFileSync(file, "utf8");
    if (!text.endsWith("\n")) throw new Error("not yet");
    return Number(text);
  });
  // Nothing ever listens at the registry's: pushes to it end in the double.
  const given = { k8s, registry: k8s < 60_000 ? k8s + 1 : k8s - 1, ssh: k8s < 60_000 ? k8s + 2 : k8s - 2 };
  engine.put({ ...own, pid: child.pid ?? 0, ports: given });
}

/** Ends the process of the container and gives it new ports, as an engine does that starts it again. */
export async function restartDnsmasq(engine: DoubleEngine, dnsmasq: DoubleContainer): Promise<void> {
  engine.remove(dnsmasq);
  await startDnsmasq(engine, dnsmasq.name.replace(/-dnsmasq$/, ""), dnsmasq);
}

/** The address of the API server that the double passes off as kubevirtci's. */
function upstreamOf(engine: DoubleEngine): { host: string; port: string } {
  const text = readFileSync(join(engine.folder, "admin.conf"), "utf8");
  const server = /server["']?:\s*["']?(https?:\/\/[^\s"',}]+)/.exec(text)?.[1] ?? "";
  const { hostname: host, port } = new URL(server);
  return { host, port };
}

export function container(name: string, command: string, labels: Record<string, string> = {}): DoubleContainer {
  return { id: newId(), name, created: new Date().toISOString(), command, labels };
}

function positionals(args: readonly string[]): string[] {
  const value = { type: "string" } as const;
  const valued = Object.fromEntries(withValue.map((name) => [name, value]));
  // Whatever comes after `ssh NODE --` is the node's business.
  const { positionals: words } = parseArgs({ args: [...args], options: valued, strict: false, allowPositionals: true });
  return words;
}

/** Flags of gocli that take a value in a word of its own; of the others this double needs to know nothing. */
const withValue = [
  "prefix",
  "nodes",
  "memory",
  "cpu",
  "numa",
  "secondary-nics",
  "dns-port",
  "ocp-port",
  "registry-volume",
  "container-name",
];

function optionOf(args: readonly string[], name: string): string | undefined {
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
}

function has(engine: DoubleEngine, name: string): boolean {
  return engine.containers().some((one) => one.name === name);
}

function nodeName(number: number): string {
  return `node${String(number).padStart(2, "0")}`;
}

function newId(): string {
  return randomBytes(32).toString("hex");
}

function log(text: string): void {
  process.stderr.write(`time="${new Date().toISOString()}" level=info msg="${text}"\n`);
}

function complain(text: string, exit: Exit = 1): Exit {
  process.stdout.write(`${text}\n`);
  return exit;
}

/** What has been started stays as it is until somebody ends the program. */
function never(): Promise<Exit> {
  const { promise } = Promise.withResolvers<Exit>();
  const stay = new BroadcastChannel("never");
  stay.onmessage = () => {};
  return promise;
}
