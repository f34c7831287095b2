import { z } from "zod";
import { environmentError } from "../errors.ts";
import type { Kube } from "../kube.ts";
import { parseAnswer } from "./answer.ts";
import { serviceProxy } from "./service-proxy.ts";

/** One time series with its value at the time of the question; NaN is a value, too. */
export interface Series {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Something that Prometheus scrapes, as it is now. */
export interface ScrapeTarget {
  labels: Readonly<Record<string, string>>;
  health: "up" | "down" | "unknown";
  lastError: string;
  intervalMs: number;
}

const api = `${serviceProxy("prometheus", 9090)}/api/v1`;

const vectorAnswer = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(
      z
        .object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })
        .transform(({ metric, value: [, text] }): Series => ({ labels: metric, value: numberOf(text) })),
    ),
  }),
});

const targetsAnswer = z.object({
  data: z.object({
    activeTargets: z.array(
      z
        .object({
          labels: z.record(z.string(), z.string()),
          health: z.enum(["up", "down", "unknown"]),
          lastError: z.string(),
          scrapeInterval: z.string(),
        })
        .transform(({ scrapeInterval, ...rest }): ScrapeTarget => ({
          ...rest,
          intervalMs: durationMs(scrapeInterval),
        })),
    ),
  }),
});

const buildAnswer = z.object({ data: z.object({ version: z.string().min(1) }) });

/** What the mesh's Prometheus answers to a query that yields series. Throws an environment error if it does not answer. */
export async function promql(kube: Kube, query: string, signal?: AbortSignal): Promise<Series[]> {
  const answer = await kube.raw(`${api}/query?query=${encodeURIComponent(query)}`, { signal });
  return parseVector(answer, query);
}

/** Everything that the mesh's Prometheus scrapes now. */
export async function scrapeTargets(kube: Kube, signal?: AbortSignal): Promise<ScrapeTarget[]> {
  return parseTargets(await kube.raw(`${api}/targets?state=active`, { signal }));
}

/** The version that the mesh's Prometheus tells of itself. */
export async function prometheusVersion(kube: Kube): Promise<string> {
  return parseAnswer(buildAnswer, await kube.raw(`${api}/status/buildinfo`), "Prometheus' answer about itself").data
    .version;
}

/** Reads an answer to an instant query. Throws an environment error that shows it if it is none, or no series. */
export function parseVector(text: string, query: string): Series[] {
  return parseAnswer(vectorAnswer, text, `Prometheus' answer to \`${query}\``).data.result;
}

/** Reads the answer about targets. */
export function parseTargets(text: string): ScrapeTarget[] {
  return parseAnswer(targetsAnswer, text, "Prometheus' answer about what it scrapes").data.activeTargets;
}

/** Prometheus writes infinity with its sign. */
function numberOf(text: string): number {
  return text.endsWith("Inf") ? Number(text.replace("Inf", "Infinity")) : Number(text);
}

/** A duration as Prometheus writes it, `1m30s`, in milliseconds. Throws an environment error for anything else. */
export function durationMs(text: string): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (!parts || text === "") throw environmentError(`\`${text}\` is not a duration as Prometheus writes it.`);
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}
