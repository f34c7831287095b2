import { answered, echoOf } from "../../lib/expectations.ts";
import { check, expect, traceIdOf } from "../../lib/test.ts";

check(
  {
    title: "A VMI's request to another VMI is one trace in Jaeger, with a span of each one's proxy.",
    profile: "extended",
    tags: ["observability", "vmi-to-vmi", "vmi"],
    source: "kubevirt-blog",
    rows: ["O3"],
    needs: ["kubevirt", "istio", "istio-cni", "tracing"],
  },
  async ({ apply, vmi, expectExchange, expectSpans, namespace }) => {
    await apply();
    const [clientVmi] = await Promise.all([vmi("client-vmi"), vmi("istio-vmi")]);
    if (!clientVmi.identity) return expect.unreachable("client-vmi has no proxy");
    const host = `istio-vmi.${namespace}.svc.cluster.local`;
    const known = answered({ identity: clientVmi.identity, viaEnvoy: true });
    const [exchange] = await expectExchange(clientVmi, { url: `http://${host}:8080/traced` }, known);
    const echo = exchange && echoOf(exchange);
    const trace = echo && traceIdOf(echo);
    if (trace === undefined) return expect.unreachable("the request carried no trace to the server");

    const spans = await expectSpans(trace, ["client", "server"]);
    expect(spans.map(({ service, kind }) => `${kind} ${service}`).toSorted(), "spans of the trace").toEqual([
      `client client-vmi.${namespace}`,
      `server istio-vmi.${namespace}`,
    ]);
    const [client, server] = ["client", "server"].map((kind) => spans.find((span) => span.kind === kind));
    expect(server?.parent, "the span in which the server's began").toBe(client?.id);
    const alike = {
      "http.method": "GET",
      "http.status_code": "200",
      "guid:x-request-id": echo?.headers["X-Request-Id"]?.[0],
    };
    expect(client, "the client's span").toMatchObject({
      name: `${host}:8080/*`,
      attributes: { ...alike, upstream_cluster: `outbound|8080||${host}` },
    });
    expect(server, "the server's span").toMatchObject({
      name: `${host}:8080/*`,
      attributes: { ...alike, upstream_cluster: "inbound|8080||" },
    });
    expect(client?.attributes["http.url"], "the URL in the client's span").toContain("/traced");
    expect(server?.ms, "the server's part of the client's milliseconds").toBeLessThanOrEqual(client?.ms ?? 0);
  },
);
