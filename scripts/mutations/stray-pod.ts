import type { KubeObject } from "../../lib/kube.ts";
import { type Mutator, onAppearance } from "../mutators.ts";

const pods = { apiVersion: "v1", kind: "Pod" };

/** Beside the pod `mesh-pod`: another one with its workload, which carries the label of a VM. */
export function strayPod(app: string): Mutator {
  return onAppearance(
    pods,
    ({ metadata }) => metadata.name === "mesh-pod",
    ({ metadata: { namespace }, spec }, kube) => {
      const containers = (spec as { containers: { name: string; image: string; args: string[] }[] }).containers;
      const copies = containers
        .filter(({ name }) => name === "echo")
        .map(({ name, image, args }) => ({ name, image, args }));
      const metadata = { name: "vmesh-mutation", namespace, labels: { app } };
      return kube.apply([
        { ...pods, metadata, spec: { containers: copies, terminationGracePeriodSeconds: 0 } } as KubeObject,
      ]);
    },
  );
}
