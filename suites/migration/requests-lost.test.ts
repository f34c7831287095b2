import { answered } from "../../lib/expectations.ts";
import { check, expect, migrationSucceeds } from "../../lib/test.ts";

// Serial: beside other checks the machine would be too busy to tell a lost request from a late one.

/** One series at some 18 requests a second; they are sent one after the other until the migration is over. */
const SERIES = { count: 100, intervalMs: 50, timeoutMs: 2_000 };
/** About 5 s of requests: the guest's pause, and the time until the proxies know the target's address. */
const MAY_BE_LOST = 100;

check(
  {
    title: "A live migration under STRICT loses at most 5 s of requests, and none are lost without one.",
    profile: "extended",
    tags: ["migration", "vmi", "mtls", "two-nodes"],
    source: "kubevirt-tests",
    rows: ["L2", "L3"],
    needs: ["kubevirt", "istio", "istio-cni", "two-nodes", "live-migration"],
    serial: true,
  },
  async (fixtures) => {
    const { apply, applyStep, pod, vmi, expectExchange, expectEvery, exchangesDuring, property, namespace } = fixtures;
    await apply();
    const [client] = await Promise.all([pod("client"), vmi("istio-vmi")]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const asClient = answered({ identity: client.identity, viaEnvoy: true });
    const series = { url: `http://istio-vmi.${namespace}:8080`, ...SERIES };
    await expectExchange(client, { url: series.url }, asClient);
    await expectEvery(client, series, asClient);

    const started = performance.now();
    const migrate = async () => {
      await applyStep("migrate");
      await migrationSucceeds("to-the-other-node", fixtures);
    };
    const exchanges = await exchangesDuring(migrate, client, series);
    const rate = exchanges.length / ((performance.now() - started) / 1000);
    const lost = exchanges.filter((exchange) => asClient.judge(exchange) !== undefined).length;
    property("requests_lost", lost);
    expect(rate, "requests a second").toBeGreaterThanOrEqual(10);
    expect(lost, `requests lost, of ${exchanges.length}`).toBeLessThanOrEqual(MAY_BE_LOST);

    await expectExchange(client, { url: series.url }, asClient);
    await expectEvery(client, { ...series, count: exchanges.length }, asClient);
  },
);
