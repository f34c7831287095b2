import type { Exchange } from "../traffic.ts";

/** The bytes that one answer can have taken between a workload and its proxy. */
export interface ByteBand {
  least: number;
  most: number;
}

/**
 * From the smallest body alone to the largest answer as the client saw it: the proxies on the way add headers to what
 * the workload sent, and take none away. Throws if there was no answer.
 */
export function answerBytes(exchanges: readonly Exchange[]): ByteBand {
  const answers = exchanges.flatMap((exchange) => (exchange.outcome === "answered" ? [exchange] : []));
  if (answers.length === 0) throw new TypeError("No answer has no bytes.");
  const bodies = answers.map(({ body }) => Buffer.byteLength(body));
  const whole = answers.map((answer, index) => headBytes(answer.headers) + (bodies[index] ?? 0));
  return { least: Math.min(...bodies), most: Math.max(...whole) };
}

/** The head of an HTTP/1.1 answer with these headers. */
function headBytes(headers: Readonly<Record<string, readonly string[]>>): number {
  const lines = Object.entries(headers).flatMap(([name, values]) => values.map((value) => `${name}: ${value}`));
  const text = ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");
  return Buffer.byteLength(text);
}
