import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.ts";
import { environmentError } from "./errors.ts";
import type { Machine } from "./machine.ts";
import { istiodNamed, mesh, type MeshFacts } from "./mesh.ts";
import { timeouts } from "./timeouts.ts";
import { eventually, WaitError } from "./wait.ts";

/** What a VM needs to join a mesh, as `istioctl x workload entry configure` writes it: file name to content. */
export const workloadFileNames = ["cluster.env", "hosts", "istio-token", "mesh.yaml", "root-cert.pem"] as const;
export type WorkloadFiles = Record<(typeof workloadFileNames)[number], string>;

const tokenFile = "/var/run/secrets/tokens/istio-token";
/** Prints the status with which the agent answers whether its proxy is ready. */
const readiness = "curl -sS -o /dev/null -w '%{http_code}' http://127.0.0.1:15021/healthz/ready";

export interface WorkloadOptions {
  istioctl: string;
  kubeconfig: string;
  /** Name and namespace of a WorkloadGroup. */
  group: { name: string; namespace: string };
  /** The address the VM is registered by. */
  address: string;
  /** What the cluster's Istio was installed with. */
  facts: Pick<MeshFacts, "revision" | "cluster">;
  /** Service whose external address the VM is to use, `NAME.NAMESPACE`; the east-west gateway's when not given. */
  ingressService?: string;
  signal: AbortSignal;
}

/**
 * The files for a VM of a WorkloadGroup. Tried again while istiod has not yet put its root certificate into a new
 * namespace. Throws an environment error for a file that is empty: istioctl only warns of a gateway without an address.
 */
export async function workloadFiles(options: WorkloadOptions): Promise<WorkloadFiles> {
  const { istioctl, kubeconfig, group, address, facts, ingressService, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), "vmesh-workload-"));
  try {
    const flags = {
      kubeconfig,
      name: group.name,
      namespace: group.namespace,
      output: folder,
      clusterID: facts.cluster,
      revision: facts.revision,
      internalIP: address,
      ...(ingressService !== undefined && { ingressService }),
    };
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const command = ["x", "workload", "entry", "configure", "--autoregister", ...args];
    const what = `istioctl writes the files for a VM of WorkloadGroup \`${group.namespace}/${group.name}\``;
    await eventually({ what, budgetMs: timeouts.configPropagation, signal }, () =>
      run(istioctl, command, { timeoutMs: timeouts.istioctl, signal }),
    );
    const read = async (name: string) => [name, await readFile(join(folder, name), "utf8")] as const;
    const files = Object.fromEntries(await Promise.all(workloadFileNames.map(read))) as WorkloadFiles;
    assertFilled(files, ingressService);
    return files;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Throws an environment error that names the first of the files that is empty, and why that is so: `gateway` is the
 * Service, `NAME.NAMESPACE`, whose address they should have.
 */
export function assertFilled(
  files: WorkloadFiles,
  gateway = `${mesh.gateway.service}.${mesh.gateway.namespace}`,
): void {
  const empty = workloadFileNames.find((name) => files[name].trim() === "");
  if (empty === undefined) return;
  const hint =
    empty === "hosts"
      ? `the Service \`${gateway}\` has no external address: look at its load balancer`
      : "istiod may not be ready: look at `istioctl version`";
  throw environmentError(`istioctl left the file \`${empty}\` empty, with which no VM can join the mesh.`, { hint });
}

/**
 * Makes the agent ask for its certificate and its configuration at the gateway's port, which istioctl does not look up:
 * it always writes istiod's own, 15012.
 */
export function atGatewayPort(files: WorkloadFiles, revision: string): WorkloadFiles {
  const istiod = `${istiodNamed(revision)}.istio-system.svc:${mesh.gateway.ports.istiod}`;
  return { ...files, "cluster.env": `${files["cluster.env"]}\nCA_ADDR='${istiod}'\nPILOT_ADDRESS='${istiod}'\n` };
}

/**
 * Makes a VM on which Istio's package is installed a member of the mesh, anew if it is one. A start that hangs, as over
 * leftovers of an earlier one, is ended after `budgetMs` and tried once more. Throws a `WaitError` with the end of the
 * agent's log if its proxy does not become ready.
 */
export async function joinMesh(
  machine: Machine,
  files: WorkloadFiles,
  signal: AbortSignal,
  budgetMs: number = timeouts.agentReady,
): Promise<void> {
  await placeFiles(machine, files, signal);
  await startAgent(machine, signal, budgetMs).catch(async (error: unknown) => {
    if (!(error instanceof WaitError)) throw error;
    await placeFiles(machine, files, signal);
    await startAgent(machine, signal, budgetMs);
  });
}

/** Stops the agent, removes what it left, and puts the files where the next start finds them. */
export async function placeFiles(machine: Machine, files: WorkloadFiles, signal: AbortSignal): Promise<void> {
  await leave(machine, signal);
  const own = { owner: "istio-proxy", signal };
  await machine.write("/etc/certs/root-cert.pem", files["root-cert.pem"], own);
  await machine.write(tokenFile, files["istio-token"], { ...own, mode: "0600" });
  await machine.write("/var/lib/istio/envoy/cluster.env", files["cluster.env"], own);
  await machine.write("/etc/istio/config/mesh", files["mesh.yaml"], own);
  // Its own name, as the resolver is not there yet when sudo asks for it.
  await machine.write("/etc/hosts", `127.0.0.1\tlocalhost\n127.0.1.1\t${machine.name}\n${files.hosts}`, { signal });
}

/**
 * As `joinMesh`, for a VM that may never have left: nothing is done to one whose proxy is ready and which still has the
 * token that a reboot takes from it.
 */
export async function rejoinMesh(machine: Machine, files: WorkloadFiles, signal: AbortSignal): Promise<void> {
  const look = `test -s ${tokenFile} && ${readiness}`;
  const { stdout } = await machine.sh(look, { signal, allowFailure: true });
  if (stdout !== "200") await joinMesh(machine, files, signal);
}

/** Starts the agent's service and waits until its proxy is ready. */
export async function startAgent(machine: Machine, signal: AbortSignal, budgetMs?: number): Promise<void> {
  await machine.sh("systemctl start --no-block istio", { signal });
  await awaitAgent(machine, signal, budgetMs);
}

/** Waits until the machine's proxy is ready. Throws a `WaitError` with the end of the agent's log if it is not in time. */
export async function awaitAgent(
  machine: Machine,
  signal: AbortSignal,
  budgetMs: number = timeouts.agentReady,
): Promise<void> {
  const what = `the proxy of machine \`${machine.name}\` is ready`;
  await eventually({ what, budgetMs, signal }, async () => {
    const { stdout, stderr } = await machine.sh(readiness, { signal, allowFailure: true });
    if (stdout === "200") return;
    const log = await machine.sh("tail -n 3 /var/log/istio/istio.err.log /var/log/istio/istio.log", {
      signal,
      allowFailure: true,
    });
    throw new Error(`it answers ${stdout}${stderr ? `, ${stderr}` : ""}; the agent's log ends: ${log.stdout}`);
  });
}

/** Stops the agent and removes what it left: packet filters, certificates, logs. */
export async function leave(machine: Machine, signal: AbortSignal): Promise<void> {
  await machine.sh(
    // What a clean-up that hangs has left of the packet filters is removed by the next start as well.
    "systemctl stop istio; timeout 20 /usr/local/bin/istio-start.sh clean || true; " +
      "rm -rf /etc/certs/* /etc/istio/proxy/* /var/lib/istio/proxy/* /var/log/istio/*",
    { signal, timeoutMs: timeouts.agentStop },
  );
}

/** Starts the VM's application unless it runs: as in the source a program that someone starts, in a unit of its own. */
export async function startApplication(machine: Machine, signal: AbortSignal): Promise<void> {
  const { workload, port } = mesh.vm;
  const start = `systemd-run --quiet --unit ${workload} vmesh-echo serve --name ${workload} --http ${port}`;
  await machine.sh(`systemctl is-active --quiet ${workload} || ${start}`, { signal });
}
