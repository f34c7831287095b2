import { answered, echoOf } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI is spoken to in HTTP/2 on a port named `http2`, and in HTTP/1.1 on one named `http`, with identity.",
    profile: "core",
    tags: ["inbound", "vmi", "http2", "mtls"],
    source: "vmesh",
    rows: ["T10"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const known = answered({ identity: client.identity, viaEnvoy: true });
    const seen = async (port: number, http2: boolean) => {
      const [exchange] = await expectExchange(client, { url: `http://istio-vmi.${namespace}:${port}`, http2 }, known);
      return exchange && echoOf(exchange)?.proto;
    };

    // The name of the Service's port decides, not what the client speaks: Envoy translates.
    expect(await seen(8081, true), "HTTP/2 from the client, port `http2`").toBe("HTTP/2.0");
    expect(await seen(8081, false), "HTTP/1.1 from the client, port `http2`").toBe("HTTP/2.0");
    expect(await seen(8080, true), "HTTP/2 from the client, port `http`").toBe("HTTP/1.1");
    expect(await seen(8080, false), "HTTP/1.1 from the client, port `http`").toBe("HTTP/1.1");
  },
);
