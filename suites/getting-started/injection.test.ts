import { readiness } from "../../lib/expectations.ts";
import { check, expect } from "../../lib/test.ts";

check(
  {
    title:
      "The label of a namespace decides whether a new pod is 2/2 with its proxy or 1/1 without, and so does its removal.",
    profile: "core",
    tags: ["install", "enrolment"],
    source: "istio-getting-started",
    rows: ["G2", "G14"],
    needs: ["istio", "bookinfo"],
  },
  async ({ bookinfo, pod, kube, namespace }) => {
    const label = (value: string | null) =>
      kube.patch(
        { apiVersion: "v1", kind: "Namespace", name: namespace },
        { metadata: { labels: { "istio-injection": value } } },
      );
    /** The Deployment makes another one, as the namespace now says. */
    const newPod = async () => {
      const { name } = (await (await pod("details-v1")).pod()).metadata;
      await kube.remove({ apiVersion: "v1", kind: "Pod", namespace, name });
      return (await pod("details-v1")).pod();
    };
    await label(null);
    const [first] = await bookinfo("details-v1");
    if (!first) return expect.unreachable("Bookinfo has no details");
    expect(readiness(await first.pod()), "without the label: 1/1").toEqual({ details: true });

    await label("enabled");
    const injected = await newPod();
    expect(readiness(injected), "with the label: 2/2").toMatchObject({ details: true, "istio-proxy": true });

    await label(null);
    expect(readiness(await newPod()), "with the label removed: 1/1").toEqual({ details: true });
  },
);
