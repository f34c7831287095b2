import type { Capability } from "../../lib/environment.ts";
import { environmentError } from "../../lib/errors.ts";
import type { Component, Target } from "./component.ts";
import { coredns } from "./coredns.ts";
import { eastWestGateway } from "./eastwest-gateway.ts";
import { egressGateway } from "./egress-gateway.ts";
import { externalVm } from "./external-vm.ts";
import { gatewayApi } from "./gateway-api.ts";
import { ingressGateway } from "./ingress-gateway.ts";
import { istio } from "./istio.ts";
import { kubevirt } from "./kubevirt.ts";
import { multus } from "./multus.ts";
import { networkPolicy } from "./network-policy.ts";

/** Every component, in no order: that follows from `needs`. */
export const components: readonly Component[] = [
  coredns,
  eastWestGateway,
  egressGateway,
  externalVm,
  gatewayApi,
  ingressGateway,
  istio,
  kubevirt,
  multus,
  networkPolicy,
];

/** The namespaces of all of them. */
export const componentNamespaces: readonly string[] = [...new Set(components.flatMap(({ namespaces }) => namespaces))];

/** How one component's installation ended. */
export interface ComponentRecord {
  name: string;
  seconds: number;
  version?: string;
  error?: unknown;
}

/**
 * Installs the components, each as soon as what it needs is ready. The first failure stops the others and is thrown;
 * `onComponent` has been told of every one that ended.
 */
export async function installComponents(
  target: Target,
  options: { signal: AbortSignal; onComponent?: (record: ComponentRecord) => void; list?: readonly Component[] },
): Promise<{ versions: Record<string, string>; capabilities: Partial<Record<Capability, true | string>> }> {
  const ordered = inOrder(options.list ?? components);
  const list = ordered.filter((component) => component.absent?.(target) === undefined);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const versions: Record<string, string> = {};
  const ready = new Map<string, Promise<void>>();
  for (const component of list) {
    const needed = component.needs.map((need) => ready.get(need));
    const installed = Promise.all(needed).then(() => install(component));
    ready.set(component.name, installed);
    async function install(one: Component): Promise<void> {
      const started = performance.now();
      const log = target.log.scope(one.name);
      const seconds = () => (performance.now() - started) / 1000;
      try {
        signal.throwIfAborted();
        await one.install({ ...target, log }, signal);
        const version = await one.version(target);
        versions[one.name] = version;
        options.onComponent?.({ name: one.name, seconds: seconds(), version });
        target.log.step(
          Object.keys(versions).length,
          list.length,
          `${one.name} ${version} is ready after ${seconds().toFixed(0)} s`,
        );
      } catch (error) {
        if (!stop.signal.aborted) options.onComponent?.({ name: one.name, seconds: seconds(), error });
        stop.abort(error);
        throw error;
      }
    }
  }
  const results = await Promise.allSettled(ready.values());
  if (stop.signal.aborted) throw stop.signal.reason;
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
  const provided = ordered.flatMap((component) =>
    component.provides.map((capability) => [capability, component.absent?.(target) ?? true] as const),
  );
  return { versions, capabilities: Object.fromEntries(provided) };
}

/** The components with everything a component needs before it. Throws for an unknown need and for a circle. */
export function inOrder(list: readonly Component[]): Component[] {
  const byName = new Map(list.map((component) => [component.name, component]));
  const ordered: Component[] = [];
  const visit = (component: Component, path: readonly string[]) => {
    if (ordered.includes(component)) return;
    if (path.includes(component.name)) {
      throw environmentError(`Components need each other in a circle: ${[...path, component.name].join(" → ")}.`);
    }
    for (const need of component.needs) {
      const needed = byName.get(need);
      if (!needed) throw environmentError(`Component \`${component.name}\` needs \`${need}\`, which does not exist.`);
      visit(needed, [...path, component.name]);
    }
    ordered.push(component);
  };
  for (const component of list) visit(component, []);
  return ordered;
}
