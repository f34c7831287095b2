import { environmentError } from "../errors.ts";
import { scaled, timeouts } from "../timeouts.ts";
import { type Exchange, parseExchange } from "../traffic.ts";
import type { ExchangeRequest } from "./peer.ts";

/** The arguments of `vmesh-echo` for a request. */
export function callCommand(request: ExchangeRequest, timeScale: number): string[] {
  const { url, count = 1, intervalMs = 1_000, timeoutMs = scaled(timeouts.exchange, timeScale) } = request;
  const series = count > 1 ? ["--count", `${count}`, "--interval", `${intervalMs}ms`] : [];
  const headers = Object.entries(request.headers ?? {}).flatMap(([name, value]) => ["--header", `${name}=${value}`]);
  const given = { http2: request.http2 ? [] : undefined, data: request.data, trust: request.trust };
  const flags = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value].flat(),
  );
  return ["call", "--timeout", `${timeoutMs}ms`, ...series, ...flags, ...headers, url];
}

/** The longest that a series of requests can take, in milliseconds. */
export function seriesMs(request: ExchangeRequest, timeScale: number): number {
  const { count = 1, intervalMs = 1_000, timeoutMs = scaled(timeouts.exchange, timeScale) } = request;
  return count * (intervalMs + timeoutMs);
}

/** The exchanges that `vmesh-echo call` printed. Throws an environment error if they are not as many as requests. */
export function exchangesIn(output: string, { count = 1 }: ExchangeRequest, subject: string): Exchange[] {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === count) return lines.map(parseExchange);
  throw environmentError(`${subject} printed ${lines.length} lines, expected ${count}.`, { evidence: output });
}
