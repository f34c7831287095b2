import { X509Certificate } from "node:crypto";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI's proxy has a certificate of istiod's for its ServiceAccount, valid for a day.",
    profile: "core",
    tags: ["enrolment", "vmi", "mtls"],
    source: "vmesh",
    rows: ["M13"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, vmi, proxy, kube, namespace }) => {
    await apply();
    const peer = await vmi("istio-vmi");
    if (!peer.identity) return expect.unreachable("the VMI has no proxy");
    const certificate = await (await proxy(peer)).certificate();
    expect(certificate.subjectAltName, "whom it names").toBe(`URI:${peer.identity}`);

    const published = await kube.get({ apiVersion: "v1", kind: "ConfigMap", name: "istio-ca-root-cert", namespace });
    const { "root-cert.pem": pem = "" } = (published?.["data"] ?? {}) as Record<string, string>;
    const root = new X509Certificate(pem);
    expect(certificate.verify(root.publicKey), "it is signed by istiod's root").toBe(true);

    // 24 hours, and two minutes before now for clocks that differ.
    const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
    expect(hours, "how many hours it is valid").toBeCloseTo(24, 1);
  },
);
