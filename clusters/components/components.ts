import type { Capability } from "../../lib/environment.ts";
import type { MeshFacts } from "../../lib/mesh.ts";
import type { ClusterAccess } from "../provider.ts";
import { type Brought, bring } from "./bring.ts";
import type { Component, Target } from "./component.ts";
import { coredns } from "./coredns.ts";
import { eastWestGateway } from "./eastwest-gateway.ts";
import { egressGateway } from "./egress-gateway.ts";
import { externalVm } from "./external-vm.ts";
import { gatewayApi } from "./gateway-api.ts";
import { grafana } from "./grafana.ts";
import { ingressGateway } from "./ingress-gateway.ts";
import { istio } from "./istio.ts";
import { jaeger } from "./jaeger.ts";
import { kiali } from "./kiali.ts";
import { kubevirt } from "./kubevirt.ts";
import { loki } from "./loki.ts";
import { multus } from "./multus.ts";
import { networkPolicy } from "./network-policy.ts";
import { before, inOrder } from "./order.ts";
import { prometheus } from "./prometheus.ts";
import { starlingxIstio } from "./starlingx-istio.ts";

/** Every component, in no order: that follows from `needs`. */
export const components: readonly Component[] = [
  coredns,
  eastWestGateway,
  egressGateway,
  externalVm,
  gatewayApi,
  grafana,
  ingressGateway,
  istio,
  jaeger,
  kiali,
  kubevirt,
  loki,
  multus,
  networkPolicy,
  prometheus,
];

/** The components as a cluster has them: StarlingX has Istio as an application of its own. */
export function componentsOn({ starlingx }: Pick<ClusterAccess, "starlingx">): readonly Component[] {
  if (!starlingx) return components;
  return components.map((component) => (component === istio ? starlingxIstio(starlingx) : component));
}

/** The namespaces of all of them. */
export const componentNamespaces: readonly string[] = [...new Set(components.flatMap(({ namespaces }) => namespaces))];

/** How it ended with one component. */
export interface ComponentRecord {
  name: string;
  seconds: number;
  version?: string;
  /** It was on the cluster before. */
  found?: boolean;
  /** Why it is not on the cluster, where that is no fault. */
  missing?: string;
  error?: unknown;
}

/** What the components say together once all are ready. */
export interface Installed {
  versions: Record<string, string>;
  capabilities: Partial<Record<Capability, true | string>>;
  mesh?: MeshFacts;
}

/**
 * Brings every component, each as soon as what it needs is ready: uses what is on the cluster, installs what the
 * provider says, and records of the rest why it is missing. The first failure stops the others and is thrown;
 * `onComponent` has been told of every one that ended.
 */
export async function installComponents(
  target: Target,
  options: { signal: AbortSignal; onComponent?: (record: ComponentRecord) => void; list?: readonly Component[] },
): Promise<Installed> {
  const ordered = inOrder(options.list ?? componentsOn(target.access));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const installed: Installed = { versions: {}, capabilities: {} };
  const ready = new Map<string, Promise<Brought>>();
  let ended = 0;

  const note = (one: Component, brought: Brought) => {
    const provided = brought.state === "missing" ? brought.reason : true;
    for (const capability of one.provides) installed.capabilities[capability] ??= provided;
    if (brought.state === "missing") return;
    installed.versions[one.name] = brought.version;
    Object.assign(installed.capabilities, brought.facts.capabilities);
    if (brought.facts.mesh) installed.mesh = brought.facts.mesh;
  };
  const bringOne = async (one: Component): Promise<Brought> => {
    const outcomes = await Promise.all(before(one).map(async (name) => ({ name, brought: await ready.get(name) })));
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    try {
      signal.throwIfAborted();
      const { access } = target;
      const known = { ...access, versions: { ...access.versions, ...installed.versions } };
      const own = {
        ...target,
        access: installed.mesh ? { ...known, mesh: installed.mesh } : known,
        log: target.log.scope(one.name),
      };
      const brought = await bring(one, { target: own, unmet: unmetNeed(one, outcomes), signal });
      note(one, brought);
      ended += 1;
      options.onComponent?.(recordOf(one.name, seconds(), brought));
      target.log.step(ended, ordered.length, `${one.name} ${inWords(brought, seconds())}`);
      return brought;
    } catch (error) {
      if (!stop.signal.aborted) options.onComponent?.({ name: one.name, seconds: seconds(), error });
      stop.abort(error);
      throw error;
    }
  };
  for (const component of ordered) ready.set(component.name, bringOne(component));
  const results = await Promise.allSettled(ready.values());
  if (stop.signal.aborted) throw stop.signal.reason;
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  return installed;
}

/** Why something is not there that the component needs. */
function unmetNeed(
  { needs }: Component,
  outcomes: readonly { name: string; brought: Brought | undefined }[],
): string | undefined {
  const [unmet] = outcomes.flatMap(({ name, brought }) =>
    needs.includes(name) && brought?.state === "missing" ? [`it needs \`${name}\`: ${brought.reason}`] : [],
  );
  return unmet;
}

function recordOf(name: string, seconds: number, brought: Brought): ComponentRecord {
  if (brought.state === "missing") return { name, seconds, missing: brought.reason };
  return { name, seconds, version: brought.version, ...(brought.state === "found" && { found: true }) };
}

function inWords(brought: Brought, seconds: number): string {
  if (brought.state === "missing") return `is not there: ${brought.reason}`;
  return `${brought.version} is ready after ${seconds.toFixed(0)} s`;
}
