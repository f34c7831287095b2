import type { KubeObject } from "../../lib/kube.ts";

/** Routes that the Envoys of a namespace refuse: it takes one virtual host for all domains, no second. */
export const rejectedRoutes: KubeObject = {
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "EnvoyFilter",
  metadata: { name: "vmesh-mutation" },
  spec: {
    configPatches: [
      {
        applyTo: "ROUTE_CONFIGURATION",
        match: { context: "SIDECAR_OUTBOUND" },
        patch: {
          operation: "MERGE",
          value: { virtual_hosts: ["one", "two"].map((name) => ({ name, domains: ["*"] })) },
        },
      },
    ],
  },
};
