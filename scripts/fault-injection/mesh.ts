import { externalVm } from "../../clusters/components/external-vm.ts";
import { docker } from "../../clusters/lab/docker.ts";
import { loadState } from "../../clusters/lab/state.ts";
import type { ClusterAccess } from "../../clusters/provider.ts";
import { createLog } from "../../lib/log.ts";
import { environmentError, exitCodes } from "../../lib/errors.ts";
import { machineAt } from "../../lib/machine.ts";
import { istiodOf, mesh } from "../../lib/mesh.ts";
import { awaitAgent, startAgent } from "../../lib/onboarding.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { eventually } from "../../lib/wait.ts";
import type { SharedCluster, SharedFault } from "./fault.ts";

/** Parts of the mesh that end. */
export const meshFaults: readonly SharedFault[] = [
  {
    name: "gateway",
    sentence: "the east-west gateway is gone",
    ends: exitCodes.failed,
    cause: /vm vmns\/external-vm → .* (503|was not answered)/,
    inject: (scene) => scale(scene, mesh.gateway.service, 0),
    async repair(scene) {
      await scale(scene, mesh.gateway.service, 1);
      await awaitAgent(machineOf(scene), scene.signal);
    },
  },
  {
    name: "istiod",
    sentence: "istiod is gone",
    ends: exitCodes.failed,
    // No webhook answers, so no pod is admitted to a mesh namespace.
    cause: /failed calling webhook|no proxy|is Ready/,
    inject: (scene) => scale(scene, istiodOf(scene.environment), 0),
    repair: (scene) => scale(scene, istiodOf(scene.environment), 1),
  },
  {
    name: "agent",
    sentence: "the agent on the external VM has stopped",
    ends: exitCodes.failed,
    cause: /the proxy of machine `external-vm` is ready|external-app\.vmns\.svc/,
    inject: (scene) => machineOf(scene).sh("systemctl stop istio", { signal: scene.signal }),
    repair: (scene) => startAgent(machineOf(scene), scene.signal),
  },
  {
    name: "virt-controller",
    sentence: "KubeVirt's controller is gone",
    select: ["--check", "/enrolment.(annotated-vmi|proxy-synced|workload-certificate)/", "--workers", "1"],
    ends: exitCodes.failed,
    cause: /VMI `.*` in `.*` is Ready/,
    inject: (scene) => virtController(scene, 0),
    repair: (scene) => virtController(scene, 1),
  },
  {
    name: "machine",
    sentence: "the external VM is switched off",
    ends: exitCodes.failed,
    cause: /ssh: connect to host|`ssh .*ended with exit code 255/,
    // Power off at once; the connection has no time to say so.
    inject: (scene) => machineOf(scene).sh("(sleep 1; echo o >/proc/sysrq-trigger) >/dev/null 2>&1 &", scene),
    repair: newMachine,
  },
];

function machineOf({ environment }: SharedCluster) {
  const { vm } = environment.machines;
  if (vm) return machineAt(vm);
  throw environmentError("This cluster has no machine outside of it.");
}

async function scale(
  { kube, signal }: SharedCluster,
  name: string,
  replicas: number,
  namespace: string = mesh.gateway.namespace,
): Promise<void> {
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace, name };
  await kube.patch(deployment, { spec: { replicas } });
  const what = `Deployment \`${name}\` has ${replicas} ready replicas`;
  await eventually({ what, budgetMs: timeouts.componentReady, signal }, async () => {
    const { readyReplicas = 0, replicas: there = 0 } = ((await kube.get(deployment))?.["status"] ?? {}) as {
      readyReplicas?: number;
      replicas?: number;
    };
    if (readyReplicas !== replicas || there !== replicas) throw new Error(`it has ${readyReplicas} of ${there}`);
  });
}

/** Its disk went with its power: it boots as new and joins the mesh once more. */
async function newMachine({ clusterId, stateDir, kube, signal }: SharedCluster): Promise<void> {
  const { state, access } = await loadState<ClusterAccess>(stateDir);
  await docker(state.socket, `/containers/${clusterId}-vm/start`, { method: "POST", accept: [304] });
  await externalVm.install({ access, kube, log: createLog() }, signal);
}

/** Its operator would bring it back at once, and so stops first and comes last. */
async function virtController(scene: SharedCluster, replicas: number): Promise<void> {
  const names = replicas === 0 ? ["virt-operator", "virt-controller"] : ["virt-controller", "virt-operator"];
  for (const name of names) await scale(scene, name, replicas, "kubevirt");
}
