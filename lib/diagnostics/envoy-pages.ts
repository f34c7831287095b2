import { z } from "zod";

/** Figures of an endpoint that are shown, beside its health. */
const figures = ["cx_active", "cx_connect_fail", "cx_total", "rq_active", "rq_error", "rq_timeout", "rq_total"];

/** A line for each endpoint of Envoy's `/clusters`: cluster, address, health, and the figures that are not 0. */
export function clusterLines(page: string): string[] {
  const endpoints = new Map<string, string[]>();
  for (const line of page.split("\n")) {
    // name::address::figure::value, where an IPv6 address has colons of its own.
    const [, name, address, figure = "", value = ""] =
      /^([\w.|;-]{1,300}?)::(\[[\da-f:.]+\]:\d+|[\d.]+:\d+|[./][\w./-]+)::(\w+)::([\w/ ]{0,100})$/.exec(line) ?? [];
    if (!name || !address) continue;
    const endpoint = `${name} ${address}`;
    const seen = endpoints.get(endpoint) ?? [];
    endpoints.set(endpoint, seen);
    if (figure === "health_flags") seen.unshift(value);
    if (figures.includes(figure) && /^[1-9]\d*$/.test(value)) seen.push(`${figure}=${value}`);
  }
  return [...endpoints].map(([endpoint, seen]) => `${endpoint} ${seen.join(" ")}`.trim());
}

/** The lines of Envoy's `/listeners`: name and address. */
export function listenerLines(page: string): string[] {
  return page.split("\n").filter((line) => /^[\w.:[\]-]{1,200}::[\w.:[\]/-]{1,100}:\d{1,5}$/.test(line));
}

/** Which statistics are asked for: connections, requests, refusals, TLS, and the connection to istiod. */
export const statsFilter =
  "_cx_|_rq_|_rq$|rbac|ssl\\.(handshake|connection_error|fail_verify|no_certificate)|no_route|no_cluster|" +
  "update_rejected|connected_state";

/** The counters and gauges of Envoy's `/stats` that are not 0. */
export function statLines(page: string): string[] {
  return page.split("\n").filter((line) => /^[\w.|;:*[\]/-]{1,400}: [1-9]\d*$/.test(line));
}

const certificate = z.object({
  serial_number: z.string(),
  subject_alt_names: z.array(z.record(z.string(), z.string())).default([]),
  valid_from: z.string(),
  expiration_time: z.string(),
});
const certificatesSchema = z.object({
  certificates: z.array(
    z.object({ ca_cert: z.array(certificate).default([]), cert_chain: z.array(certificate).default([]) }),
  ),
});

/** What is public of the certificates in Envoy's `/certs`: whose they are, from when to when, and their numbers. */
export function certificateLines(page: string): string[] {
  const { certificates } = certificatesSchema.parse(JSON.parse(page));
  const line = (role: string) => (one: z.infer<typeof certificate>) => {
    const names = one.subject_alt_names.flatMap((name) => Object.values(name)).join(", ") || "no name";
    return `${role} ${names} from ${one.valid_from} to ${one.expiration_time}, number ${one.serial_number}`;
  };
  return certificates.flatMap(({ ca_cert, cert_chain }) => [
    ...cert_chain.map(line("own")),
    ...ca_cert.map(line("trusted")),
  ]);
}
