import { z } from "zod";
import type { Kube } from "../kube.ts";
import type { Echo } from "../traffic.ts";
import { parseAnswer } from "./answer.ts";
import { serviceProxy } from "./service-proxy.ts";

/** One piece of work of a trace. */
export interface Span {
  id: string;
  /** Absent for the first span of a trace. */
  parent?: string | undefined;
  /** Of Istio's proxies `<app>.<namespace>`. */
  service: string;
  name: string;
  kind: "client" | "server" | "other";
  attributes: Readonly<Record<string, string>>;
  ms: number;
}

const api = `${serviceProxy("tracing", 80)}/jaeger/api/v3`;

const attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()).default({}) });
const spanAnswer = z.object({
  spanId: z.string().min(1),
  parentSpanId: z.string().optional(),
  name: z.string(),
  // As OTLP's JSON numbers it, or by the name that Jaeger 1 writes.
  kind: z.union([z.number(), z.string()]).default(0),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes: z.array(attribute).default([]),
});
const traceAnswer = z.object({
  result: z.object({
    resourceSpans: z.array(
      z.object({
        resource: z.object({ attributes: z.array(attribute).default([]) }),
        scopeSpans: z.array(z.object({ spans: z.array(spanAnswer).default([]) })).default([]),
      }),
    ),
  }),
});

/** The spans that the mesh's Jaeger has of a trace; none if it does not know it. Throws an environment error if it does not answer. */
export async function spansOf(kube: Kube, traceId: string, signal?: AbortSignal): Promise<Span[]> {
  const answer = await kube.rawOrNone(`${api}/traces/${traceId}`, { signal });
  return answer === undefined ? [] : parseTrace(answer);
}

/** Reads a trace as Jaeger's API v3 tells it. Throws an environment error that shows the answer if it is none. */
export function parseTrace(text: string): Span[] {
  return parseAnswer(traceAnswer, text, "Jaeger's answer about a trace").result.resourceSpans.flatMap(
    ({ resource, scopeSpans }) => {
      const service = valuesOf(resource.attributes)["service.name"] ?? "";
      return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, service)));
    },
  );
}

/** The trace that a request belongs to, by the headers with which the server saw it: those of W3C or of Zipkin. */
export function traceIdOf({ headers }: Pick<Echo, "headers">): string | undefined {
  const w3c = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(headers["Traceparent"]?.[0] ?? "")?.[1];
  return w3c ?? headers["X-B3-Traceid"]?.[0];
}

function spanOf(span: z.infer<typeof spanAnswer>, service: string): Span {
  const { spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, attributes } = span;
  return {
    id: spanId,
    ...(parentSpanId && { parent: parentSpanId }),
    service,
    name,
    kind:
      kind === 3 || kind === "SPAN_KIND_CLIENT"
        ? "client"
        : kind === 2 || kind === "SPAN_KIND_SERVER"
          ? "server"
          : "other",
    attributes: valuesOf(attributes),
    ms: Number(endTimeUnixNano - startTimeUnixNano) / 1e6,
  };
}

/** Attributes by name; of each value its one field, whatever its type. */
function valuesOf(attributes: readonly z.infer<typeof attribute>[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0] ?? "")]));
}
