/** A NetworkPolicy for all pods of a namespace that lets every TCP port in through but one. */
export function allPortsBut(port: number) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "vmesh-mutation" },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [
        {
          ports: [
            { protocol: "TCP", port: 1, endPort: port - 1 },
            { protocol: "TCP", port: port + 1, endPort: 65_535 },
          ],
        },
      ],
    },
  };
}
