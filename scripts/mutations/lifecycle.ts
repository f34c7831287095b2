import { type KubeObject, refOf } from "../../lib/kube.ts";
import { onAppearance } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";
import { strayPod } from "./stray-pod.ts";

const services = { apiVersion: "v1", kind: "Service" };

/** What breaks a VMI's return to the mesh, and traffic while the mesh changes. */
export const lifecycleMutations: readonly Mutation[] = [
  {
    name: "stray-endpoint",
    sentence: "A pod carries the label of the VM, so the Service leads to it, too.",
    kills: {
      "lifecycle/launcher-restart": /the ready endpoints of Service `istio-vm` are .* they are .*vmesh-mutation/,
      "lifecycle/stop-start": /as no endpoint is Ready.* but it was answered by the server `mesh-pod`/,
    },
    start: strayPod("istio-vm"),
  },
  {
    name: "requests-aborted-at-restart",
    sentence: "Three requests of ten to the VMI or the pod are answered with 500.",
    kills: { "lifecycle/istiod-restart": /while istiod restarts \(exchange \d+ of \d+\): .* but its status is 500/ },
    start: onAppearance(
      services,
      ({ metadata }) => ["istio-vmi", "mesh-pod"].includes(metadata.name),
      (service, kube) => {
        const { name, namespace } = refOf(service);
        const fault = { abort: { httpStatus: 500, percentage: { value: 30 } } };
        const metadata = { name: `vmesh-mutation-${name}`, namespace };
        const spec = { hosts: [name], http: [{ fault, route: [{ destination: { host: name } }] }] };
        return kube.apply([
          { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata, spec } as KubeObject,
        ]);
      },
    ),
  },
];
