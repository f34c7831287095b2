import { expect, test } from "vitest";
import { externalIpOf, gatewayAddressOf } from "./service-address.ts";

const service = (ingress?: object[]) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
  spec: {
    ports: [
      { name: "status-port", port: 15_021 },
      { name: "http2", port: 80 },
      { name: "https", port: 443 },
    ],
  },
  status: { loadBalancer: { ...(ingress && { ingress }) } },
});

test("A gateway has the load balancer's address and its ports by name.", () => {
  const ports = { "status-port": 15_021, http2: 80, https: 443 };
  expect(gatewayAddressOf(service([{ ip: "192.0.2.1" }]))).toEqual({ host: "192.0.2.1", ports });
  expect(gatewayAddressOf(service([{ hostname: "localhost" }]))).toEqual({ host: "localhost", ports });
});

test.each([undefined, []])(
  "Without one the error names the Service and that EXTERNAL-IP is pending: %j.",
  (ingress) => {
    expect(externalIpOf(service(ingress))).toBeUndefined();
    expect(() => gatewayAddressOf(service(ingress))).toThrow(
      expect.objectContaining({
        message: "EXTERNAL-IP of Service `istio-system/istio-ingressgateway` is <pending>.",
        hint: expect.stringContaining("minikube tunnel"),
      }),
    );
  },
);
