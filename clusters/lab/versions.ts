/** Versions of what the lab is made of, by component; each go.mod under `toolchain/` asks for the same. */
export const versions = {
  kubernetes: "v1.34.4",
  istio: "1.31.1",
  envoy: "1.40.0",
  kubevirt: "v1.7.0",
  multus: "v4.2.3",
  coredns: "v1.13.1",
  "gateway-api": "v1.6.0",
  "network-policy": "v2.6.3-k3s1",
  jaeger: "v1.76.0",
} as const;
