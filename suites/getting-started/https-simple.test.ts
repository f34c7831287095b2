import { answered, echoOf, withoutCertificate } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "The ingress gateway ends TLS with the certificate that `credentialName` names, and without it closes connections.",
    profile: "core",
    tags: ["gateway", "tls"],
    source: "istio-getting-started",
    rows: ["G7"],
    needs: ["istio", "ingress-gateway"],
  },
  async ({ unmeshed, apply, applyStep, gateway, pod, selfSigned, expectExchange, namespace }) => {
    const outside = await unmeshed();
    // The pod that makes the certificate is one of the objects.
    await apply({ certificate: "none yet", key: "none yet" });
    const [outsider, ingress] = await Promise.all([
      pod("outsider", { namespace: outside }),
      gateway("ingress"),
      pod("server"),
    ]);
    const host = `${namespace}.vmesh.test`;
    const { certificate, key, trust } = await selfSigned(outsider, host);
    const request = { url: ingress.url("https"), headers: { host }, trust };
    await expectExchange(outsider, request, withoutCertificate(), { times: 2 });

    await applyStep("secret", { certificate, key });
    const asGateway = answered({ identity: ingress.identity, viaEnvoy: true, by: "server" });
    const [exchange] = await expectExchange(outsider, request, asGateway);
    expect(exchange && echoOf(exchange)?.headers["X-Forwarded-Proto"]).toEqual(["https"]);
  },
);
