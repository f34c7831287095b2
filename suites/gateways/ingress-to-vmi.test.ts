import { answered, noRouteAtGateway } from "../../lib/expectations.ts";
import { check } from "../../lib/test.ts";

check(
  {
    title:
      "The ingress gateway sends a client from outside to a VMI by the host it asks for, in plaintext and over TLS.",
    profile: "core",
    tags: ["gateway", "tls", "vmi", "inbound"],
    source: "vmesh",
    rows: ["T15"],
    needs: ["kubevirt", "istio", "istio-cni", "ingress-gateway"],
  },
  async ({ unmeshed, apply, applyStep, gateway, pod, vmi, selfSigned, expectExchange, namespace }) => {
    const outside = await unmeshed();
    // The pod that makes the certificate is one of the objects.
    await apply({ certificate: "none yet", key: "none yet" });
    const [outsider, ingress] = await Promise.all([pod("outsider", { namespace: outside }), gateway("ingress")]);
    const host = `${namespace}.vmesh.test`;
    const { certificate, key, trust } = await selfSigned(outsider, host);
    await applyStep("secret", { certificate, key });
    await vmi("istio-vmi");

    const asGateway = answered({ identity: ingress.identity, viaEnvoy: true, by: "istio-vmi" });
    await expectExchange(outsider, { url: ingress.url("http2"), headers: { host } }, asGateway);
    await expectExchange(outsider, { url: ingress.url("https"), headers: { host }, trust }, asGateway);
    const other = { url: ingress.url("http2"), headers: { host: `other.${host}` } };
    await expectExchange(outsider, other, noRouteAtGateway());
  },
);
