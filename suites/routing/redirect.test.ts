import { answered, redirectedTo } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VirtualService's redirect sends a VMI from an old path to the new one; other paths are served.",
    profile: "extended",
    tags: ["routing", "vmi"],
    source: "vmesh",
    rows: ["C11"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async ({ apply, applyStep, pod, vmi, expectExchange, namespace }) => {
    await apply();
    const [client] = await Promise.all([vmi("client-vmi"), pod("server")]);
    if (!client.identity) return expect.unreachable("the client VMI has no proxy");
    const server = `http://server.${namespace}:8080`;
    const served = answered({ identity: client.identity, viaEnvoy: true });

    await expectExchange(client, { url: `${server}/old` }, served);
    const withdraw = await applyStep("redirect");
    await expectExchange(client, { url: `${server}/old` }, redirectedTo(`${server}/new`), { times: 3 });
    await expectExchange(client, { url: `${server}/new` }, served);
    await withdraw();
    await expectExchange(client, { url: `${server}/old` }, served, { times: 3 });
  },
);
