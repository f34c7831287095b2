import { environmentError } from "../errors.ts";
import type { KubeObject } from "../kube.ts";
import type { ProxyAccess } from "../proxy.ts";
import { spiffeId } from "../traffic.ts";
import type { Exchange, SpiffeId } from "../traffic.ts";

export interface ExchangeRequest {
  /** `http://`, `https://`, `tcp://` or `udp://`. */
  url: string;
  /** How many times, one after another; 1 when not given. */
  count?: number;
  /** Between two requests; 1 s when not given. */
  intervalMs?: number;
  /** Of each request; `timeouts.exchange` when not given. */
  timeoutMs?: number;
  /** HTTP/2 without TLS. */
  http2?: boolean;
  /** Request headers; `host` overrides the one of the URL. */
  headers?: Readonly<Record<string, string>>;
  /** A form that is posted, `name=value&…`; without one the request is a GET. */
  data?: string;
  /** The one certificate that an https server may have, for the host of the `host` header; its DER in base64. */
  trust?: string;
}

/** Something that sends requests from where it runs: a scenario never asks what it is. */
export interface Peer {
  name: string;
  namespace: string;
  kind: "pod" | "vmi" | "vm";
  /** What its proxy proves to others; `undefined` outside the mesh. */
  identity: SpiffeId | undefined;
  /** The address by which it is an endpoint of Services. */
  address(): Promise<string>;
  /** How its proxy is asked, as it is now. */
  proxy(): Promise<ProxyAccess>;
  /** Sends the requests and returns how each ended, in order. Throws only if they could not be sent. */
  exchange(request: ExchangeRequest, signal: AbortSignal): Promise<Exchange[]>;
}

/** A peer that a pod stands for. */
export interface PodPeer extends Peer {
  /** That pod as it is now: itself, or the launcher of a VMI. */
  pod(): Promise<KubeObject>;
}

type PodShape = {
  serviceAccountName?: string;
  containers: { name: string }[];
  initContainers?: { name: string }[];
};

/** The identity a pod's proxy gets from istiod; `undefined` if the pod has no proxy. */
export function identityOf(pod: KubeObject): SpiffeId | undefined {
  const spec = pod["spec"] as PodShape;
  const meshed = [...spec.containers, ...(spec.initContainers ?? [])].some(({ name }) => name === "istio-proxy");
  if (!meshed) return undefined;
  return spiffeId(pod.metadata.namespace ?? "default", spec.serviceAccountName ?? "default");
}

/** The address of a pod that runs. */
export function addressOf(pod: KubeObject): string {
  const { podIP } = (pod["status"] ?? {}) as { podIP?: string };
  if (podIP) return podIP;
  throw environmentError(`Pod \`${pod.metadata.name}\` has no address; it is ${describeStatus(pod)}.`);
}

/** Whether the condition `type` in the object's status is true. */
export function hasCondition(object: KubeObject, type: string): boolean {
  return conditionsOf(object).some((condition) => condition.type === type && condition.status === "True");
}

/** Phase and untrue conditions of an object, for messages. */
export function describeStatus(object: KubeObject): string {
  const { phase = "without a phase" } = (object["status"] ?? {}) as { phase?: string };
  const untrue = conditionsOf(object).filter((condition) => condition.status === "False");
  const details = untrue.map(({ type, reason, message }) => `${type}: ${message ?? reason ?? "no reason given"}`);
  return [phase, ...details].join("; ");
}

function conditionsOf(object: KubeObject): { type: string; status: string; reason?: string; message?: string }[] {
  const status = (object["status"] ?? {}) as { conditions?: ReturnType<typeof conditionsOf> };
  return status.conditions ?? [];
}
