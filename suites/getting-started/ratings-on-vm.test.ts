import { answered, reviewsBy } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title:
      "A VM outside the cluster is Bookinfo's ratings: a rule sends reviews to it over mutual TLS, and its stars appear.",
    profile: "core",
    tags: ["bookinfo", "routing", "vm", "mtls"],
    source: "istio-getting-started",
    rows: ["G16"],
    needs: ["external-vm", "bookinfo"],
  },
  async ({ apply, applyBase, bookinfo, pod, externalVm, proxy, afterwards, expectExchange, namespace }) => {
    const { namespace: where, workload, port, url } = mesh.vm;
    await apply({ "vm.namespace": where, "vm.workload": workload, "vm.port": port });
    // The Service alone, without a pod.
    await applyBase("bookinfo", ["ratings"]);
    const [client, vm] = await Promise.all([pod("client"), externalVm(), bookinfo("reviews-v2")]);
    const { identity } = client;
    if (!identity) return expect.unreachable("the client has no proxy");
    // The VM's own application tells as whom it was asked, on the way that reviews go, too.
    const ratings = { url: `http://ratings.${namespace}:9080/ratings/0` };
    await expectExchange(client, ratings, answered({ identity, viaEnvoy: true, by: workload }));

    afterwards("the VM has its own application again", async () => {
      await vm.sh(`systemctl stop ${workload}`);
      await vm.startApplication();
      await expectExchange(client, { url }, answered({ identity, by: workload }));
    });
    const start = `systemd-run --quiet --unit ${workload} vmesh-echo bookinfo --port ${port} ratings-v1`;
    await vm.sh(`systemctl stop ${workload}; ${start}`);
    const reviews = { url: "http://reviews:9080/reviews/0" };
    const withStars = reviewsBy("v2", { stars: true });
    await expectExchange(client, reviews, withStars);

    const inbound = `inbound|${port}||`;
    const ask = () => expectExchange(client, { ...reviews, count: 5, intervalMs: 100 }, withStars);
    const counted = await (await proxy(vm)).requestsDuring([inbound], ask);
    expect(counted[inbound], "requests counted by the VM's own proxy").toBeGreaterThanOrEqual(5);
  },
);
