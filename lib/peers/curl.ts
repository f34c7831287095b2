import type { CommandResult } from "../command.ts";
import { usageError } from "../errors.ts";
import { scaled, timeouts } from "../timeouts.ts";
import type { Exchange } from "../traffic.ts";
import type { ExchangeRequest } from "./peer.ts";

/** curl's exit codes for the ways a request fails. */
const outcomes: Record<number, Exclude<Exchange["outcome"], "answered">> = {
  6: "dns",
  7: "refused",
  28: "timeout",
  52: "closed",
  56: "reset",
};

/** The command line of curl for one plain GET. Throws a usage error for any other request. */
export function curlCommand(request: ExchangeRequest, timeScale: number): string[] {
  const { url, headers = {}, timeoutMs = scaled(timeouts.exchange, timeScale) } = request;
  if (!url.startsWith("http://") || request.http2 || request.data !== undefined) {
    throw usageError(`A container with curl in the place of \`vmesh-echo\` sends plain GETs alone, not to \`${url}\`.`);
  }
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  return ["curl", "-sS", "-i", "-m", `${Math.ceil(timeoutMs / 1_000)}`, ...given, url];
}

/** How a request of `curl -i` ended. */
export function exchangeOfCurl({ stdout, stderr, exitCode }: CommandResult, ms: number): Exchange {
  if (exitCode !== 0) return { outcome: outcomes[exitCode] ?? "error", error: stderr.trim(), ms };
  const [, head = "", body = ""] = /^([^]*?)\r?\n\r?\n([^]*)$/.exec(stdout) ?? [];
  const [first = "", ...lines] = head.split(/\r?\n/);
  const status = Number(/^HTTP\/\S+ (\d+)/.exec(first)?.[1]);
  if (!status) return { outcome: "error", error: `unreadable answer: ${stdout.slice(0, 200)}`, ms };
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()];
  }
  return { outcome: "answered", status, headers, body, ms };
}
