import { type Exchange, answered, answersByServer } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "Of a VMI's requests to a Service that a VirtualService splits 80 to 20, each version gets its share.",
    profile: "extended",
    tags: ["routing", "vmi"],
    source: "vmesh",
    rows: ["C6"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, pod, vmi, expectExchange, property, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("client-vmi"), pod("server-v1"), pod("server-v2")]);
    if (!client.identity) return expect.unreachable("the client VMI has no proxy");
    const round = { url: `http://server.${namespace}:8080`, count: 20, intervalMs: 1 };
    const asVmi = answered({ identity: client.identity, viaEnvoy: true });

    // In rounds: an answer that comes too late repeats its round and no more, as this is not about losses.
    const exchanges: Exchange[] = [];
    while (exchanges.length < 200) exchanges.push(...(await expectExchange(client, round, asVmi)));
    const shares = answersByServer(exchanges);
    property("answers_of_v2", shares["server-v2"] ?? 0);
    // Each request draws by itself, so v2 gets a binomial share: 40 of 200 on average. Outside of these
    // bounds it is three times in ten million runs; an even split would be inside once in 75000 runs.
    expect(shares["server-v2"], "answers of v2 of 200").toBeGreaterThanOrEqual(14);
    expect(shares["server-v2"], "answers of v2 of 200").toBeLessThanOrEqual(70);
  },
);
