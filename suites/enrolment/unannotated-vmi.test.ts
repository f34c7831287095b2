import { answered, noHealthyUpstream, readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title: "A VMI without the annotation has a proxy that is not Ready; the event names 15021, as in the user guide.",
    profile: "core",
    tags: ["enrolment", "vmi"],
    source: "kubevirt-user-guide",
    rows: ["V5"],
    needs: ["kubevirt", "istio", "istio-cni"],
  },
  async (fixtures) => {
    const { kube, apply, applyStep, launcher, vmi, pod, proxy, eventually, expectEvent, expectExchange, namespace } =
      fixtures;
    await apply();
    const remove = await applyStep("unannotated");
    const [withoutPorts, withPorts] = await Promise.all([launcher("istio-vmi"), launcher("ports-vmi")]);
    // The namespace's label is enough for the proxy; what is missing is KubeVirt's part of the redirection.
    expect(readiness(withoutPorts), "the launcher has a proxy").toHaveProperty("istio-proxy");

    // The kubelet tells 25 warnings about a pod and then one in five minutes (`defaultSpamBurst` in client-go's
    // `tools/record`). A proxy that takes long to start uses up most of them with its startup probe, once a second, and the
    // probe of the VMI itself the others: then the one that is looked for may not be told, and what follows has to do.
    const toldMost = /Startup probe failed: Get ".*:15021\/healthz\/ready": .* \(x[12]\d\)$/;
    const expectWarning = (launcherName: string, warning: RegExp) =>
      expectEvent(launcherName, new RegExp(`${warning.source}|${toldMost.source}`));

    // Without a list of ports KubeVirt forwards every port to the guest, the proxy's own ones too: first nothing has the
    // guest's address, then the guest refuses.
    await expectWarning(
      withoutPorts.metadata.name,
      /Readiness probe failed: Get ".*:15021\/healthz\/ready": dial tcp .*: connection refused/,
    );
    // With a list the proxy is Ready, but it reaches no guest, so the VMI's own probe fails in the proxy's agent.
    await expectWarning(withPorts.metadata.name, /Readiness probe failed: HTTP probe failed with statuscode: 500/);
    const toVmi = { url: `http://istio-vmi.${namespace}:8080` };
    const client = await pod("client");
    await expectExchange(client, toVmi, noHealthyUpstream());
    const proxyIsReady = async (name: string) => readiness(await launcher(name))["istio-proxy"];
    // Once the guest runs, the proxy has started. Asked by a connection the guest would answer for it, inside of the pod as
    // well, but istiod knows it; and it is not Ready all the same, after four failures of a probe that runs every 15 s.
    const guestRuns = async () => {
      const ref = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", name: "istio-vmi", namespace };
      const found = await kube.get(ref);
      expect(found?.status).toMatchObject({ phase: "Running" });
    };
    await eventually("the guest of istio-vmi runs", guestRuns, { withinMs: 120_000 });
    const types = await (await proxy(withoutPorts)).status();
    expect(types, "the proxy has its configuration").toMatchObject({ CDS: "SYNCED", LDS: "SYNCED", EDS: "SYNCED" });
    const proxyFails = async () => expect(await proxyIsReady("istio-vmi")).toBe(false);
    await eventually("the proxy of istio-vmi is not Ready", proxyFails, { withinMs: 120_000 });
    expect(await proxyIsReady("ports-vmi"), "the proxy of ports-vmi is Ready").toBe(true);

    await remove();
    await applyStep("annotated");
    await vmi("istio-vmi");
    if (!client.identity) return expect.unreachable("the client pod has no proxy");
    await expectExchange(client, toVmi, answered({ identity: client.identity, viaEnvoy: true }));
  },
);
