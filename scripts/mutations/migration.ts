import { onAppearance } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";
import { strayPod } from "./stray-pod.ts";

/** What breaks the way of traffic from a migration's source to its target. */
export const migrationMutations: readonly Mutation[] = [
  {
    name: "service-loses-the-migrated-vmi",
    sentence: "From the beginning of a migration on, the Service selects the VMI no more.",
    kills: {
      "migration/requests-lost": /ms lost, by \d+ requests of \d+: expected [\d.]+ to be less than or equal to 5000/,
      "migration/target-takes-over": /mesh-pod → .* but its status is 503/,
    },
    start: onAppearance(
      { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstanceMigration" },
      () => true,
      ({ metadata: { namespace = "" } }, kube) => {
        const service = { apiVersion: "v1", kind: "Service", name: "istio-vmi", namespace };
        return kube.patch(service, { spec: { selector: { app: "nothing" } } });
      },
    ),
  },
  {
    name: "stray-endpoint-of-migrated",
    sentence: "A pod carries the label of the VMI that migrates, so the Service leads to it, too.",
    kills: {
      "migration/target-takes-over": /the ready endpoints of Service `istio-vmi` are .* they are .*vmesh-mutation/,
    },
    start: strayPod("istio-vmi"),
  },
];
