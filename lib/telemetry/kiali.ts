import { z } from "zod";
import type { Kube } from "../kube.ts";
import { parseAnswer } from "./answer.ts";
import { serviceProxy } from "./service-proxy.ts";

/** Who called whom, by the names that Kiali's picture shows: apps and Services. */
export interface GraphEdge {
  from: string;
  to: string;
}

const base = `${serviceProxy("kiali", 20001)}/kiali`;

const node = z.object({
  id: z.string(),
  nodeType: z.string(),
  app: z.string().optional(),
  workload: z.string().optional(),
  service: z.string().optional(),
});
const graphAnswer = z.object({
  elements: z.object({
    nodes: z.array(z.object({ data: node })).nullish(),
    edges: z.array(z.object({ data: z.object({ source: z.string(), target: z.string() }) })).nullish(),
  }),
});
const statusAnswer = z.object({ status: z.record(z.string(), z.string()) });

/** Whom Kiali saw calling whom in a namespace within the last minute. Throws an environment error if it does not answer. */
export async function callGraph(kube: Kube, namespace: string, signal?: AbortSignal): Promise<GraphEdge[]> {
  const query = new URLSearchParams({
    namespaces: namespace,
    graphType: "app",
    duration: "60s",
    injectServiceNodes: "true",
  });
  return parseGraph(await kube.raw(`${base}/api/namespaces/graph?${query}`, { signal }));
}

/** The version that Kiali's API tells. */
export async function kialiVersion(kube: Kube): Promise<string> {
  const { status } = parseAnswer(statusAnswer, await kube.raw(`${base}/api/status`), "Kiali's answer about itself");
  return status["Kiali version"] ?? "unknown";
}

/** Reads Kiali's picture. A box around versions of an app is no caller. */
export function parseGraph(text: string): GraphEdge[] {
  const { nodes, edges } = parseAnswer(graphAnswer, text, "Kiali's graph").elements;
  const callers = (nodes ?? []).map(({ data }) => data).filter(({ nodeType }) => nodeType !== "box");
  const names = new Map(callers.map((one) => [one.id, nameOf(one)]));
  return (edges ?? []).flatMap(({ data: { source, target } }) => {
    const [from, to] = [names.get(source), names.get(target)];
    return from !== undefined && to !== undefined ? [{ from, to }] : [];
  });
}

function nameOf({ nodeType, service, app, workload }: z.infer<typeof node>): string {
  return (nodeType === "service" ? service : (app ?? workload)) ?? "unknown";
}
