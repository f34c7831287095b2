import { readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "Istiod and both gateways run in one version, which `istioctl version` tells; where there is no Istio it says so.",
    profile: "core",
    tags: ["install", "gateway"],
    source: "istio-getting-started",
    rows: ["G1"],
    needs: ["istio", "ingress-gateway", "egress-gateway"],
  },
  async ({ gateway, istioctl, kube, environment, namespace }) => {
    const istiods = { apiVersion: "v1", kind: "Pod", namespace: "istio-system", labelSelector: "app=istiod" };
    for (const pod of await kube.list(istiods)) expect(readiness(pod)).toEqual({ discovery: true });
    // Each is returned once it is Ready.
    const gateways = await Promise.all([gateway("ingress"), gateway("egress")]);
    expect(gateways.map(({ name }) => name)).toEqual(["istio-ingressgateway", "istio-egressgateway"]);

    const version = environment.versions["istio"];
    const { stdout } = await istioctl(["version"]);
    const told = Object.fromEntries(stdout.split("\n").map((line) => line.split(" version: ")));
    expect(told["client"], "version of istioctl").toBe(version);
    expect(told["control plane"], "version of istiod").toMatch(new RegExp(`^${version}(-|$)`));
    expect(told["data plane"], "version of all proxies").toMatch(new RegExp(`^${version}\\S* \\(\\d+ proxies\\)$`));

    // What the source sees before its installation: here in a namespace where nothing is installed.
    const before = await istioctl(["version", "--istioNamespace", namespace]);
    const notThere = new RegExp(`no (ready|running) Istio pods in .*"${namespace}"`);
    expect(before.stdout + before.stderr, "in an empty namespace").toMatch(notThere);
  },
);
