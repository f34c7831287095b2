import { join } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { answersOnSsh, machineAt } from "../../lib/machine.ts";
import { loadManifests } from "../../lib/manifests.ts";
import { mesh, revisionOf } from "../../lib/mesh.ts";
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
  async install(target, signal) {
    const { access, kube, log } = target;
    if (!access.machines.vm) throw environmentError("The provider has no machine outside the cluster.");
    const machine = machineAt(access.machines.vm);
    const file = join(import.meta.dirname, "external-vm.yaml");
    const parameters = { namespace, serviceAccount, workload, port, network: mesh.networks.vm };
    await kube.apply(await loadManifests(file, parameters), { signal });
    await answersOnSsh(machine, { log, signal });
    const revision = revisionOf(access);
    const files = await workloadFiles({
      istioctl: access.tools.istioctl,
      kubeconfig: access.kubeconfig,
      group: { name: workload, namespace },
      address: machine.address,
      revision,
      signal,
    });
    const started = performance.now();
    await joinMesh(machine, atGatewayPort(files, revision), signal);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    log.info(`machine ${machine.name} has joined the mesh as ${namespace}/${serviceAccount} within ${seconds} s`);
    await startApplication(machine, signal);
    await proveReachable(target, signal);
  },
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
