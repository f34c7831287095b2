import { expect, test } from "vitest";
import { istioImages } from "./istio-images.ts";

const digest = `sha256:${"a".repeat(64)}`;

test("Images by tag are a registry and a tag, a registry with a port and a path too.", () => {
  expect(istioImages({ "istio/pilot": "registry.vmesh.lab:5000/istio/pilot:1.31.1" })).toEqual({
    hub: "registry.vmesh.lab:5000/istio",
    tag: "1.31.1",
  });
});

test("Images by digest are told as a whole, each where Istio takes it.", () => {
  const parts = {
    "istio/pilot": `docker.io/istio/pilot:1.20.0@${digest}`,
    "istio/proxyv2": `docker.io/istio/proxyv2:1.20.0@${digest}`,
    "istio/install-cni": "docker.io/istio/install-cni:1.20.0",
    "kubevirt/virt-api": "quay.io/kubevirt/virt-api:v1.7.0",
  };
  const proxy = { image: parts["istio/proxyv2"] };
  expect(istioImages(parts)).toMatchObject({
    hub: "docker.io/istio",
    tag: "1.20.0",
    overlay: {
      kind: "IstioOperator",
      spec: {
        values: {
          pilot: { image: parts["istio/pilot"] },
          cni: { image: parts["istio/install-cni"] },
          global: { proxy, proxy_init: proxy },
        },
      },
    },
  });
});

test.each([[{}], [{ "istio/pilot": "docker.io/istio/discovery:1" }], [{ "istio/pilot": "docker.io/istio/pilot" }]])(
  "What is not HUB/pilot:TAG is an error: %j.",
  (parts) => {
    expect(() => istioImages(parts)).toThrow(expect.objectContaining({ kind: "environment" }));
  },
);
