import { answered, noHealthyUpstream } from "../../lib/expectations.ts";
import { check, expect, mesh } from "../../lib/test.ts";

check(
  {
    title: "A VM whose application stops listening gets no traffic until it listens again.",
    profile: "core",
    tags: ["vm", "health", "inbound"],
    source: "istio-vms-k3s-multipass",
    rows: ["X6"],
    needs: ["external-vm"],
  },
  async ({ apply, pod, externalVm, afterwards, eventually, expectExchange }) => {
    await apply();
    const [client, vm] = await Promise.all([pod("client"), externalVm()]);
    if (!client.identity) return expect.unreachable("the client has no proxy");
    const { workload, port, url } = mesh.vm;
    const answeredByTheVm = answered({ identity: client.identity, by: workload });
    afterwards("the application answers", async (signal) => {
      await vm.startApplication(signal);
      await expectExchange(client, { url }, answeredByTheVm);
    });

    await eventually("it is healthy", async () => expect(await vm.health()).toBe("True"));
    await expectExchange(client, { url }, answeredByTheVm);
    await vm.sh(`systemctl stop ${workload}`);
    // The agent's probe comes from where Envoy's requests come from.
    const refused = `dial tcp 127.0.0.6:0->${await vm.address()}:${port}: connect: connection refused`;
    const unhealthy = `False: Get "http://${await vm.address()}:${port}/": ${refused}`;
    await eventually("it is unhealthy", async () => expect(await vm.health()).toBe(unhealthy));
    await expectExchange(client, { url }, noHealthyUpstream(), { times: 3 });
    await vm.startApplication();
    await eventually("it is healthy again", async () => expect(await vm.health()).toBe("True"));
    await expectExchange(client, { url }, answeredByTheVm);
  },
);
