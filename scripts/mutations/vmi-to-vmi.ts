import { accompanying } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

/** What breaks requests between VMIs. */
export const vmiToVmiMutations: readonly Mutation[] = [
  {
    name: "requests-aborted",
    sentence: "Between two VMIs three requests of ten are answered with 500.",
    kills: { "scenarios/cirros-to-istio-vmi": /\(exchange \d+ of 30\): .* but its status is 500/ },
    start: accompanying(
      { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" },
      ({ metadata: { name } }) => name === "cirros-vmi",
      {
        apiVersion: "networking.istio.io/v1",
        kind: "VirtualService",
        metadata: { name: "vmesh-mutation" },
        spec: {
          hosts: ["istio-vmi-svc"],
          http: [
            {
              fault: { abort: { httpStatus: 500, percentage: { value: 30 } } },
              route: [{ destination: { host: "istio-vmi-svc" } }],
            },
          ],
        },
      },
    ),
  },
];
