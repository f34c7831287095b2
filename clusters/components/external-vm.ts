import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { answersOnSsh, machineAt } from "../../lib/machine.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, meshOf } from "../../lib/mesh.ts";
import { atGatewayPort, joinMesh, startApplication, workloadFiles } from "../../lib/onboarding.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { Component, Target } from "./component.ts";
import { withProbeNamespace } from "./probe.ts";

const { namespace, serviceAccount, workload, port } = mesh.vm;

/**
 * The provider's machine as a workload of the mesh, with its application on port 8000. Ready when a pod in the mesh has
 * called the application: that takes the agent's certificate, its registration, and the health of the application.
 */
export const externalVm: Component = {
  name: "external-vm",
  needs: ["eastwest-gateway", "coredns"],
  provides: ["external-vm"],
  namespaces: [namespace],
  absent: ({ access }) => (access.machines.vm ? undefined : "the provider has no machine outside the cluster"),
  /** One that joined earlier is registered as long as its agent is connected. */
  async find({ kube, access }) {
    const apiVersion = "networking.istio.io/v1";
    if (!access.machines.vm || !(await kube.serves(apiVersion, "WorkloadEntry"))) return undefined;
    const name = `${workload}-${access.machines.vm.address}-${mesh.networks.vm}`;
    const entry = await kube.get({ apiVersion, kind: "WorkloadEntry", namespace, name });
    return entry && (access.versions["istio"] ?? "unknown");
  },
  async install(target, signal) {
    const { access, kube, log } = target;
    if (!access.machines.vm) throw environmentError("The provider has no machine outside the cluster.");
    const machine = machineAt(access.machines.vm);
    const file = join(import.meta.dirname, "external-vm.yaml");
    const parameters = { namespace, serviceAccount, workload, port, network: mesh.networks.vm };
    await kube.apply(await loadManifests(file, parameters), { signal });
    await answersOnSsh(machine, { log, signal });
    const facts = meshOf(access);
    const files = await workloadFiles({
      istioctl: access.tools.istioctl,
      kubeconfig: access.kubeconfig,
      group: { name: workload, namespace },
      address: machine.address,
      facts,
      signal,
    });
    const started = performance.now();
    await joinMesh(machine, atGatewayPort(files, facts.revision), signal);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    log.info(`machine ${machine.name} has joined the mesh as ${namespace}/${serviceAccount} within ${seconds} s`);
    await startApplication(machine, signal);
  },
  prove: proveReachable,
  version: async ({ access }) => access.versions["istio"] ?? "unknown",
};

async function proveReachable(target: Target, signal: AbortSignal): Promise<void> {
  const options = { name: "vmesh-probe-external-vm", labels: { "istio-injection": "enabled" }, signal };
  await withProbeNamespace(target, options, async ({ startPod, call }) => {
    await startPod({ name: "client" });
    const { url } = mesh.vm;
    await eventually({ what: `${url} answers a pod`, budgetMs: timeouts.componentReady, signal }, async () => {
      const { outcome, status } = await call("client", url);
      if (status !== 200) throw new Error(`the request ended as ${outcome}${status ? ` with ${status}` : ""}`);
    });
  });
}
