import { answered, echoOf } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "The proxy of a VMI writes a line of its access log for a request, with the client's request id.",
    profile: "extended",
    tags: ["observability", "vmi"],
    source: "vmesh",
    rows: ["O3"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ kube, apply, pod, vmi, eventually, expectExchange, namespace }) => {
    await apply();
    const [client, istioVmi] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    const url = `http://istio-vmi.${namespace}.svc.cluster.local:8080/logged`;
    const [exchange] = await expectExchange(client, { url }, answered({ identity: client.identity, viaEnvoy: true }));
    const id = exchange && echoOf(exchange)?.headers["X-Request-Id"]?.[0];
    if (id === undefined) return expect.unreachable("the request carried no id to the server");

    const { name } = (await istioVmi.pod()).metadata;
    const line = await eventually(`the log of istio-vmi's proxy has the request ${id}`, async () => {
      const log = await kube.logs({ namespace, pod: name, container: "istio-proxy", tailLines: 200 });
      const found = log.split("\n").find((one) => one.includes(id));
      if (found !== undefined) return found;
      throw new Error(`it ends with ${JSON.stringify(log.trimEnd().split("\n").at(-1)?.slice(0, 200))}`);
    });
    expect(line, "what was asked and answered").toContain('"GET /logged HTTP/1.1" 200');
    expect(line, "whom the proxy passed it to").toContain("inbound|8080||");
  },
);
