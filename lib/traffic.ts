import { z } from "zod";
import { usageError } from "./errors.ts";

declare const spiffe: unique symbol;
/** A workload's identity in the mesh: `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`. */
export type SpiffeId = string & { readonly [spiffe]: true };

const failures = ["reset", "refused", "timeout", "dns", "unreachable", "closed", "error"] as const;

const exchangeSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("answered"),
    /** Absent for TCP and UDP. */
    status: z.number().optional(),
    /** Names in lower case. */
    headers: z.record(z.string(), z.array(z.string())).default({}),
    body: z.string().default(""),
    ms: z.number(),
  }),
  z.object({ outcome: z.enum(failures), error: z.string().default(""), ms: z.number().default(0) }),
]);

/** One request as its sender saw it end, a line of `vmesh-echo call`. */
export type Exchange = z.infer<typeof exchangeSchema> & {
  /** When that line was logged, in milliseconds since 1970; known where it comes from the log of a guest's console. */
  loggedAt?: number;
};

const echoSchema = z.object({
  greeting: z.string(),
  name: z.string(),
  remote: z.string(),
  local: z.string(),
  proto: z.string(),
  method: z.string(),
  path: z.string(),
  host: z.string(),
  headers: z.record(z.string(), z.array(z.string())),
});

/** The request as the server `vmesh-echo serve` saw it arrive; header names are canonical (`X-Request-Id`). */
export type Echo = z.infer<typeof echoSchema>;

/** One hop of the XFCC header: `by` is the proxy that wrote it, `uri` the peer whose certificate it verified. */
export interface ClientCertificate {
  by: SpiffeId | undefined;
  uri: SpiffeId | undefined;
}

/** Reads one line of `vmesh-echo call`. A line that is none becomes an exchange with outcome `error` that shows it. */
export function parseExchange(line: string): Exchange {
  const result = exchangeSchema.safeParse(jsonOf(line));
  if (result.success) return result.data;
  return { outcome: "error", error: `unreadable line: ${line.slice(0, 200)}`, ms: 0 };
}

/** What the server saw, or `undefined` if the answer is not one of `vmesh-echo serve`. */
export function echoOf(exchange: Exchange): Echo | undefined {
  return exchange.outcome === "answered" ? echoIn(exchange.body) : undefined;
}

/** `echoOf` for a body alone. */
export function echoIn(body: string): Echo | undefined {
  return echoSchema.safeParse(jsonOf(body)).data;
}

/** An exchange in a few words, for messages. */
export function describeExchange(exchange: Exchange): string {
  if (exchange.outcome !== "answered") return `${exchange.outcome} (${exchange.error || "no detail"})`;
  const server = exchange.headers["server"]?.join(", ") ?? "none";
  const status = exchange.status === undefined ? "" : ` ${exchange.status}`;
  const certificates = echoOf(exchange)?.headers["X-Forwarded-Client-Cert"];
  const seen = echoOf(exchange) ? `client certificate seen by the server: ${certificates?.join(", ") ?? "none"}` : "";
  return `answered${status}, server header ${server}, ${seen || `body ${JSON.stringify(exchange.body.slice(0, 200))}`}`;
}

/**
 * The hops in a server's `X-Forwarded-Client-Cert` values, the nearest one last, as Envoy documents the header:
 * hops are parted by commas, their pairs by semicolons, and quoted values may hold both.
 */
export function clientCertificates(echo: Echo): ClientCertificate[] {
  const values = echo.headers["X-Forwarded-Client-Cert"] ?? [];
  return values
    .flatMap((value) => splitOutsideQuotes(value, ","))
    .map((hop) => {
      const pairs = splitOutsideQuotes(hop, ";").map((pair) => {
        const equals = pair.indexOf("=");
        return { key: pair.slice(0, equals).trim().toLowerCase(), value: unquote(pair.slice(equals + 1).trim()) };
      });
      const identity = (key: string) => pairs.filter((pair) => pair.key === key).find((pair) => isSpiffeId(pair.value));
      return {
        by: identity("by")?.value as SpiffeId | undefined,
        uri: identity("uri")?.value as SpiffeId | undefined,
      };
    });
}

/** Throws a usage error if the text is no workload identity as Istio writes them. */
export function parseSpiffeId(text: string): SpiffeId {
  if (isSpiffeId(text)) return text;
  throw usageError(
    `\`${text}\` is not a workload identity, expected \`spiffe://<domain>/ns/<namespace>/sa/<account>\`.`,
  );
}

/** The identity Istio gives to a service account; the trust domain is Istio's default. */
export function spiffeId(namespace: string, serviceAccount: string, trustDomain = "cluster.local"): SpiffeId {
  return parseSpiffeId(`spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`);
}

function isSpiffeId(text: string): text is SpiffeId {
  return /^spiffe:\/\/[^/\s]+\/ns\/[^/\s]+\/sa\/[^/\s]+$/.test(text);
}

function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const pattern = separator === "," ? /(?:"(?:\\.|[^"\\])*"|[^,"])+/g : /(?:"(?:\\.|[^"\\])*"|[^;"])+/g;
  return text.match(pattern) ?? [];
}

function unquote(value: string): string {
  return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the schema says so
  }
}
