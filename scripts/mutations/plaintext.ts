import type { KubeObject } from "../../lib/kube.ts";

/** Beside a Service: clients of its namespace speak plaintext to every Service of the cluster, where mTLS is permissive. */
export const plaintextClients: KubeObject = {
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "vmesh-mutation" },
  spec: { host: "*.local", trafficPolicy: { tls: { mode: "DISABLE" } } },
};
