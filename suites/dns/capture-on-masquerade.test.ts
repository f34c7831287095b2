import { ExpectationError, answered } from "../../lib/expectations.ts";
import { check, clusterIpOf, expect } from "../../lib/test.ts";

check(
  {
    title: "With mesh-wide DNS capture a guest behind masquerade still resolves Service names.",
    profile: "extended",
    tags: ["dns", "vmi"],
    source: "vmesh",
    rows: ["C2"],
    needs: ["kubevirt", "istio", "istio-cni"],
    serial: true,
    expectedToFail:
      /^The guest of captured-vmi asked for \S+, expected \S+, got: ;; connection timed out; no servers could be/,
  },
  async ({ apply, applyStep, afterwards, pod, vmi, kube, eventually, expectExchange, namespace }) => {
    await apply();
    const [uncaptured] = await Promise.all([vmi("uncaptured-vmi"), pod("server")]);
    if (!uncaptured.identity) return expect.unreachable("the VMI has no proxy");
    const host = `server.${namespace}.svc.cluster.local`;
    const service = await kube.get({ apiVersion: "v1", kind: "Service", name: "server", namespace });
    const address = clusterIpOf(service) ?? "no address";
    const resolves = async (guest: typeof uncaptured) => {
      const answer = (await guest.shell(`nslookup ${host}`)).trim();
      if (answer.includes(address)) return;
      const message = `The guest of ${guest.name} asked for ${host}, expected ${address}, got: ${answer}`;
      throw new ExpectationError(message, { expected: address, actual: answer });
    };
    await resolves(uncaptured);

    let removePod = async () => {};
    const newPodCaptures = async (): Promise<boolean> => {
      await removePod();
      removePod = await applyStep("captured-pod");
      return capturesDns(await kube.get({ apiVersion: "v1", kind: "Pod", name: "captured-pod", namespace }));
    };
    afterwards("istiod gives new pods a proxy that leaves DNS alone", async () =>
      expect(await newPodCaptures()).toBe(false),
    );
    await applyStep("capture");
    await eventually("istiod gives new pods a proxy that captures DNS", async () =>
      expect(await newPodCaptures()).toBe(true),
    );
    await applyStep("captured-vmi");
    const [capturedPod, captured] = await Promise.all([pod("captured-pod"), vmi("captured-vmi")]);
    expect(capturesDns(await captured.pod()), "the proxy of captured-vmi captures DNS").toBe(true);
    // All of them have the namespace's default service account. A pod resolves, and the guest reaches what it need not.
    const withIdentity = answered({ identity: uncaptured.identity, viaEnvoy: true });
    await expectExchange(capturedPod, { url: `http://${host}:8080` }, withIdentity);
    await expectExchange(captured, { url: `http://${address}:8080`, headers: { host: `${host}:8080` } }, withIdentity);
    await resolves(captured);
  },
);

function capturesDns(injected: { [key: string]: unknown } | undefined): boolean {
  type Container = { name: string; env?: { name: string; value?: string }[] };
  const { containers = [], initContainers = [] } = (injected?.["spec"] ?? {}) as Record<
    string,
    Container[] | undefined
  >;
  const proxy = [...initContainers, ...containers].find(({ name }) => name === "istio-proxy");
  return proxy?.env?.some(({ name, value }) => name === "ISTIO_META_DNS_CAPTURE" && value === "true") ?? false;
}
