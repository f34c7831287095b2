import { containersInOrder, createdContainers } from "../../lib/expectations.ts";
import { check, expect, type PodPeer } from "../../lib/test.ts";

check(
  {
    title: "Events tell of a pod's proxy before its application where it is a native sidecar, and else behind it.",
    profile: "extended",
    tags: ["enrolment"],
    source: "starlingx",
    rows: ["V1"],
    needs: ["istio", "istio-cni"],
  },
  async ({ apply, pod, kube, namespace, environment, eventually }) => {
    await apply();
    const [byDefault, classic] = await Promise.all([pod("default-pod"), pod("classic-pod")]);
    const application = ["echo", "istio-proxy"];

    /** What the events tell, which come a moment later than the pod is Ready. */
    const created = async (peer: PodPeer): Promise<string[]> => {
      const object = await peer.pod();
      const inSpec = containersInOrder(object);
      const names = await eventually(`an event tells of each container of ${peer.name}`, async () => {
        const fieldSelector = `involvedObject.uid=${object.metadata.uid}`;
        const seen = createdContainers(await kube.list({ apiVersion: "v1", kind: "Event", namespace, fieldSelector }));
        if (seen.length < inSpec.length) throw new Error(`they tell of ${seen.join(", ") || "none"}`);
        return seen;
      });
      expect(names, `the containers of ${peer.name}, as its spec has them`).toEqual(inSpec);
      return names.filter((name) => application.includes(name));
    };
    expect(await created(classic), "the application first, then its proxy").toEqual(application);
    const isNative = environment.capabilities["native-sidecars"] === true;
    const expected = isNative ? application.toReversed() : application;
    expect(await created(byDefault), isNative ? "the native proxy first" : "the application first").toEqual(expected);
  },
);
