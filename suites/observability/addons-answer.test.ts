import { check, expect, serviceProxy } from "../../lib/test.ts";

check(
  {
    title: "Prometheus and Jaeger are rolled out, and answer about what they were sent.",
    profile: "extended",
    tags: ["observability"],
    source: "istio-getting-started",
    rows: ["P9"],
    needs: ["istio", "prometheus", "tracing"],
  },
  async ({ kube, apply, pod, metric, expectScraped }) => {
    await apply();
    const workload = { apiVersion: "apps/v1", kind: "Deployment", namespace: "istio-system" };
    for (const name of ["prometheus", "jaeger"]) {
      const object = await kube.get({ ...workload, name });
      const status = (object?.["status"] ?? {}) as Record<string, number | undefined>;
      const { observedGeneration, availableReplicas = 0 } = status;
      const newest = object?.metadata["generation"];
      expect(observedGeneration, `the form of ${name} that is rolled out`).toBe(newest);
      expect(availableReplicas, `available replicas of ${name}`).toBeGreaterThanOrEqual(1);
    }
    const target = await expectScraped(await pod("scraped"));
    expect(target.health, "the new pod's proxy").toBe("up");
    expect(await metric("sum(pilot_info)"), "istiods that Prometheus knows").toBeGreaterThanOrEqual(1);
    const services = await kube.raw(`${serviceProxy("tracing", 80)}/jaeger/api/v3/services`);
    expect(JSON.parse(services), "services that Jaeger knows").toHaveProperty("services");
  },
);
