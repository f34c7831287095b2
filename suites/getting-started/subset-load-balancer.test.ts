import { answersByReviews, reviewsOfAnyVersion } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A DestinationRule's load balancer is that of all subsets but the one that has its own.",
    profile: "extended",
    tags: ["bookinfo", "routing"],
    source: "istio-getting-started",
    rows: ["G11"],
    needs: ["istio", "bookinfo"],
  },
  async ({ apply, applyStep, bookinfo, pod, proxy, eventually, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([pod("client"), bookinfo("reviews-v1", "reviews-v2")]);
    const own = await proxy(client);
    /** As the client's Envoy has it; ROUND_ROBIN is what it does not write. */
    const loadBalancers = async () => {
      type Dump = { configs?: { cluster: { name: string; lb_policy?: string } }[] };
      const dump = JSON.parse(await own.admin("/config_dump?resource=dynamic_active_clusters")) as Dump;
      const clusters = (dump.configs ?? []).map(({ cluster }) => cluster);
      const host = `reviews.${namespace}.svc.cluster.local`;
      const of = (subset: string) => clusters.find(({ name }) => name === `outbound|9080|${subset}|${host}`);
      return Object.fromEntries(
        ["", "v1", "v2", "v3"].flatMap((subset) => {
          const cluster = of(subset);
          return cluster ? [[subset || "all", cluster.lb_policy ?? "ROUND_ROBIN"]] : [];
        }),
      );
    };
    // Istio's own choice.
    expect(await loadBalancers(), "without a rule").toEqual({ all: "LEAST_REQUEST" });
    await applyStep("load-balancers");
    await eventually("each subset has its load balancer", async () =>
      expect(await loadBalancers()).toEqual({ all: "RANDOM", v1: "RANDOM", v2: "ROUND_ROBIN", v3: "RANDOM" }),
    );
    const requests = { url: "http://reviews:9080/reviews/0", count: 20, intervalMs: 10 };
    const exchanges = await expectExchange(client, requests, reviewsOfAnyVersion());
    expect(Object.keys(answersByReviews(exchanges)).toSorted()).toEqual(["v1", "v2"]);
  },
);
