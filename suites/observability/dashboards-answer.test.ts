import { check, expect, serviceProxy } from "../../lib/test.ts";

check(
  {
    title: "Kiali, Grafana and Loki are rolled out; the dashboards and what is behind them answer.",
    profile: "extended",
    tags: ["observability"],
    source: "istio-getting-started",
    rows: ["P9"],
    needs: ["istio", "kiali", "grafana", "loki"],
  },
  async ({ kube, apply, namespace, calls }) => {
    await apply();
    const page = await kube.raw(`${serviceProxy("kiali", 20001)}/kiali/`);
    expect(page, "Kiali's page").toMatch(/<title>Kiali/);
    expect(await calls(), `calls in ${namespace}, where nobody calls`).toEqual([]);
    const found = await kube.raw(`${serviceProxy("grafana", 3000)}/api/search?query=Istio`);
    const titles = (JSON.parse(found) as { title: string }[]).map(({ title }) => title);
    expect(titles, "Grafana's dashboards").toEqual(expect.arrayContaining([expect.stringMatching(/^Istio Mesh/)]));
    expect((await kube.raw(`${serviceProxy("loki", 3100)}/ready`)).trim(), "what Loki says of itself").toBe("ready");
  },
);
