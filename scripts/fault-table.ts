import type { Environment } from "../lib/environment.ts";
import { environmentError } from "../lib/errors.ts";
import type { Kube } from "../lib/kube.ts";
import { machineAt } from "../lib/machine.ts";
import { istiodOf, mesh } from "../lib/mesh.ts";
import { awaitAgent, startAgent } from "../lib/onboarding.ts";
import { timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";

export interface FaultScene {
  kube: Kube;
  environment: Environment;
  signal: AbortSignal;
}

/** A part that ends in the middle of a run. */
export interface Fault {
  name: string;
  /** What the message of at least one red check must say. */
  cause: RegExp;
  inject(scene: FaultScene): Promise<unknown>;
  /** Puts the cluster back; without it the fault is the cluster's last. */
  repair?(scene: FaultScene): Promise<unknown>;
}

/** Every fault, in this order. */
export const faults: readonly Fault[] = [
  {
    name: "gateway",
    cause: /vm vmns\/external-vm → .* (503|was not answered)/,
    inject: (scene) => scale(scene, mesh.gateway.service, 0),
    async repair(scene) {
      await scale(scene, mesh.gateway.service, 1);
      await awaitAgent(machineOf(scene), scene.signal);
    },
  },
  {
    name: "istiod",
    // No webhook answers, so no pod is admitted to a mesh namespace.
    cause: /failed calling webhook|no proxy|is Ready/,
    inject: (scene) => scale(scene, istiodOf(scene.environment), 0),
    repair: (scene) => scale(scene, istiodOf(scene.environment), 1),
  },
  {
    name: "agent",
    cause: /the proxy of machine `external-vm` is ready|external-app\.vmns\.svc/,
    inject: (scene) => machineOf(scene).sh("systemctl stop istio", { signal: scene.signal }),
    repair: (scene) => startAgent(machineOf(scene), scene.signal),
  },
  {
    name: "machine",
    cause: /ssh: connect to host|`ssh .*ended with exit code 255/,
    // Power off at once; the connection has no time to say so.
    inject: (scene) => machineOf(scene).sh("(sleep 1; echo o >/proc/sysrq-trigger) >/dev/null 2>&1 &", scene),
  },
];

function machineOf({ environment }: FaultScene) {
  const { vm } = environment.machines;
  if (vm) return machineAt(vm);
  throw environmentError("This cluster has no machine outside of it.");
}

async function scale({ kube, signal }: FaultScene, name: string, replicas: number): Promise<void> {
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", namespace: mesh.gateway.namespace, name };
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
