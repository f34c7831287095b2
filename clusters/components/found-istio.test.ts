import { expect, test } from "vitest";
import type { Kube } from "../../lib/kube.ts";
import { factsOf } from "./found-istio.ts";

test.each([
  { networks: "istio-cni", own: true, whose: "StarlingX's" },
  { networks: "storage/nfs, istio-cni@eth1", own: true, whose: "one beside others'" },
  { networks: "default/istio-cni", own: undefined, whose: "Istio's own since 1.19" },
  { networks: undefined, own: undefined, whose: "one without Multus'" },
])(
  "An injector like $whose, asking Multus for $networks, needs an attachment in each namespace: $own.",
  async (given) => {
    const injectedAnnotations = given.networks === undefined ? {} : { "k8s.v1.cni.cncf.io/networks": given.networks };
    const values = JSON.stringify({ global: { meshID: "m" }, sidecarInjectorWebhook: { injectedAnnotations } });
    const kube = { get: async () => ({ data: { values }, metadata: {} }) } as unknown as Kube;
    const facts = await factsOf(kube, "default");
    expect(facts).toMatchObject({ id: "m", cluster: "Kubernetes" });
    expect(facts.attachmentPerNamespace).toBe(given.own);
  },
);
