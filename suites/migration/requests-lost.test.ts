import { answered, resetByStrictMtls } from "../../lib/expectations.ts";
import { check, expect, migrationSucceeds } from "../../lib/test.ts";

// Serial: beside other checks the machine would be too busy to tell a lost request from a late one.

/** One series at some 18 requests a second; they are sent one after the other until the migration is over. */
const SERIES = { count: 100, intervalMs: 50, timeoutMs: 2_000 };
/** The guest's pause, and the time until the proxies know the target's address. */
const MAY_BE_LOST_MS = 5_000;

check(
  {
    title: "A live migration under STRICT loses at most 5 s of requests; as long a time without one loses none.",
    profile: "extended",
    tags: ["migration", "vmi", "mtls", "two-nodes"],
    source: "kubevirt-tests",
    rows: ["L2", "L3"],
    needs: ["kubevirt", "istio", "istio-cni", "two-nodes", "live-migration"],
    serial: true,
  },
  async (fixtures) => {
    const { unmeshed, apply, applyStep, pod, vmi, namespace } = fixtures;
    const { expectExchange, expectEvery, exchangesDuring, property } = fixtures;
    const outside = await unmeshed();
    await apply();
    const [client, outsider] = await Promise.all([
      pod("client"),
      pod("outsider", { namespace: outside }),
      vmi("istio-vmi"),
    ]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const asClient = answered({ identity: client.identity, viaEnvoy: true });
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const series = { ...toVmi, ...SERIES };
    await expectExchange(outsider, toVmi, answered({ plaintext: true }));
    await applyStep("strict");
    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(client, toVmi, asClient);
    await expectEvery(client, series, asClient);

    const started = performance.now();
    const migrate = async () => {
      await applyStep("migrate");
      await migrationSucceeds("to-the-other-node", fixtures);
    };
    const exchanges = await exchangesDuring(migrate, client, series);
    const tookMs = performance.now() - started;
    const lost = exchanges.filter((exchange) => asClient.judge(exchange) !== undefined);
    // One that times out stands for all that could have been sent meanwhile.
    const lostMs = lost.reduce((sum, { ms }) => sum + ms + SERIES.intervalMs, 0);
    property("requests_lost", lost.length);
    property("lost_ms", Math.round(lostMs));
    expect(lostMs, `ms lost, by ${lost.length} requests of ${exchanges.length}`).toBeLessThanOrEqual(MAY_BE_LOST_MS);
    const rate = (exchanges.length - lost.length) / ((tookMs - lostMs) / 1000);
    expect(rate, "requests a second, while they are answered").toBeGreaterThanOrEqual(10);

    await expectExchange(outsider, toVmi, resetByStrictMtls(), { times: 3 });
    await expectExchange(client, toVmi, asClient);
    const quiet = performance.now();
    while (performance.now() - quiet < tookMs) await expectEvery(client, series, asClient);
  },
);
