import { X509Certificate } from "node:crypto";
import { run } from "./command.ts";
import type { Environment } from "./environment.ts";
import { environmentError } from "./errors.ts";
import type { Kube, KubeObject } from "./kube.ts";
import type { Machine } from "./machine.ts";
import { quote } from "./shell.ts";
import { scaled, timeouts } from "./timeouts.ts";

/** What a workload's proxy says of itself. */
export interface Proxy {
  /** Envoy's counter `cluster.<cluster>.<stat>`; 0 where it was never counted. */
  clusterCounter(cluster: string, stat: string): Promise<number>;
  /** By how much `upstream_rq_total` of each of these clusters rises while something is done; TCP connections count. */
  requestsDuring(clusters: readonly string[], action: () => Promise<unknown>): Promise<Record<string, number>>;
  /** The counter `http.<listener>.<stat>` of an HTTP listener, as in `outbound_0.0.0.0_8080`. */
  httpCounter(listener: string, stat: string): Promise<number>;
  /** GET on Envoy's admin port: `/certs`, `/clusters`, `/stats?…`. */
  admin(path: string): Promise<string>;
  /** The certificate with which it proves its identity. */
  certificate(): Promise<X509Certificate>;
  /** Its types in `istioctl proxy-status` with their state: `{ CDS: "SYNCED", … }`; empty if istiod does not know it. */
  status(): Promise<Record<string, string>>;
}

/** How a proxy is asked, wherever it runs. */
export interface ProxyAccess {
  /** What istiod knows it by: `<name>.<namespace>`. */
  id: string;
  /** GET on its admin port. Throws an environment error if it does not answer. */
  get(path: string): Promise<string>;
}

/** The proxy in a pod, asked by its agent. */
export function podProxy(
  pod: KubeObject,
  { kube, timeScale, signal }: { kube: Kube; timeScale: number; signal: AbortSignal },
): ProxyAccess {
  const { name, namespace = "" } = pod.metadata;
  return {
    id: `${name}.${namespace}`,
    async get(path) {
      const target = { namespace, pod: name, container: "istio-proxy" };
      const command = ["pilot-agent", "request", "GET", path.replace(/^\//, "")];
      const timeoutMs = scaled(timeouts.exec, timeScale);
      const { stdout, stderr, exitCode } = await kube.exec({ ...target, command, timeoutMs, signal });
      if (exitCode === 0) return withoutLog(stdout);
      throw environmentError(`The proxy of ${namespace}/${name} does not answer \`GET ${path}\`.`, {
        evidence: stderr,
      });
    },
  };
}

/** The proxy on a machine outside the cluster, asked over SSH. */
export function machineProxy(
  machine: Machine,
  { namespace, signal }: { namespace: string; signal: AbortSignal },
): ProxyAccess {
  return {
    id: `${machine.name}.${namespace}`,
    get: async (path) =>
      (await machine.sh(`curl -sSf -m 20 ${quote(`http://127.0.0.1:15000${path}`)}`, { signal })).stdout,
  };
}

/** The proxy of a workload. */
export function proxyOf(
  { id, get: admin }: ProxyAccess,
  { environment, signal }: { environment: Environment; signal: AbortSignal },
): Proxy {
  const counter = async (family: string, name: string, stat: string): Promise<number> => {
    // Istio ends the names of clusters and listeners with a semicolon in statistics, so that they can hold dots.
    const filter = `^${family}\\.${name.replaceAll(/[.|*+?()[\]]/g, "\\$&")};?\\.${stat}$`;
    const text = await admin(`/stats?type=Counters&format=json&filter=${encodeURIComponent(filter)}`);
    const { stats } = JSON.parse(text) as { stats: { name?: string; value?: number }[] };
    return stats.reduce((sum, { value = 0 }) => sum + value, 0);
  };
  return {
    admin,
    clusterCounter: (cluster, stat) => counter("cluster", cluster, stat),
    async requestsDuring(clusters, action) {
      const count = async (cluster: string) =>
        [cluster, await counter("cluster", cluster, "upstream_rq_total")] as const;
      const before = Object.fromEntries(await Promise.all(clusters.map(count)));
      await action();
      const after = await Promise.all(clusters.map(count));
      return Object.fromEntries(after.map(([cluster, total]) => [cluster, total - (before[cluster] ?? 0)]));
    },
    httpCounter: (listener, stat) => counter("http", listener, stat),
    certificate: async () => parseWorkloadCertificate(await admin("/config_dump?resource=dynamic_active_secrets")),
    status: async () => (await proxyStatus(environment, signal))[id] ?? {},
  };
}

/** The workload's certificate, without those that signed it, among the secrets that Envoy's `/config_dump` shows. */
export function parseWorkloadCertificate(dump: string): X509Certificate {
  type Secret = { name: string; secret?: { tls_certificate?: { certificate_chain?: { inline_bytes?: string } } } };
  const { configs = [] } = JSON.parse(dump) as { configs?: Secret[] };
  const chain = configs.find(({ name }) => name === "default")?.secret?.tls_certificate?.certificate_chain;
  if (chain?.inline_bytes) return new X509Certificate(Buffer.from(chain.inline_bytes, "base64"));
  throw environmentError("The proxy has no workload certificate.", { evidence: dump.slice(0, 2_000) });
}

/** The answer in the output of `pilot-agent request`, which logs to the same place before it asks. */
export function withoutLog(output: string): string {
  return output.replace(/^(?:\d{4}-\d\d-\d\dT\S+\t(?:info|warn|error)\t.*\n)+/, "");
}

const typeNames: Record<string, string> = {
  Cluster: "CDS",
  ClusterLoadAssignment: "EDS",
  Listener: "LDS",
  RouteConfiguration: "RDS",
};

/** `istioctl proxy-status`: proxy, `<pod>.<namespace>`, to the state of each of its types. */
export async function proxyStatus(
  { tools, kubeconfig, timeScale }: Pick<Environment, "tools" | "kubeconfig" | "timeScale">,
  signal: AbortSignal,
): Promise<Record<string, Record<string, string>>> {
  const args = ["proxy-status", "--output", "json", "--kubeconfig", kubeconfig];
  const { stdout } = await run(tools.istioctl, args, { timeoutMs: scaled(timeouts.istioctl, timeScale), signal });
  return parseProxyStatus(stdout);
}

/** Reads the JSON of `istioctl proxy-status`: one document for each istiod, one after the other. */
export function parseProxyStatus(text: string): Record<string, Record<string, string>> {
  type Config = { typeUrl: string; configStatus: string };
  type Answer = { resources?: { node: { id: string }; genericXdsConfigs?: Config[] }[] };
  const answers = text.split(/^(?=\{)/m).filter((part) => part.trim() !== "");
  return Object.fromEntries(
    answers
      .flatMap((answer) => (JSON.parse(answer) as Answer).resources ?? [])
      .map(({ node, genericXdsConfigs = [] }) => [
        node.id,
        Object.fromEntries(
          genericXdsConfigs.flatMap(({ typeUrl, configStatus }) => {
            const name = typeNames[typeUrl.split(".").at(-1) ?? ""];
            return name ? [[name, configStatus]] : [];
          }),
        ),
      ]),
  );
}
