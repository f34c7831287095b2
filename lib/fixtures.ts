import { randomInt } from "node:crypto";
import { join } from "node:path";
import type { CheckEntry } from "./check.ts";
import { collectDiagnostics } from "./diagnostics.ts";
import type { Environment } from "./environment.ts";
import { HarnessError, usageError } from "./errors.ts";
import { ExpectationError, assertExchanges } from "./expectations.ts";
import type { Expectation } from "./expectations.ts";
import { connect, refOf } from "./kube.ts";
import type { Kube, KubeObject, ObjectRef } from "./kube.ts";
import { loadManifests } from "./manifests.ts";
import type { Parameters } from "./manifests.ts";
import type { ExchangeRequest, Peer } from "./peers/peer.ts";
import { podPeer } from "./peers/pod.ts";
import { vmiPeer } from "./peers/vmi.ts";
import type { VmiPeer } from "./peers/vmi.ts";
import { scaled, timeouts } from "./timeouts.ts";
import type { Exchange } from "./traffic.ts";
import { WaitError, converges, eventually } from "./wait.ts";

/** What the body of a check works with. */
export interface Fixtures {
  environment: Environment;
  kube: Kube;
  /** A namespace of this check alone, with sidecar injection unless the definition says no. */
  namespace: string;
  /** Creates a second namespace, outside the mesh; the YAML may then use `${unmeshed}`. Later calls return the same. */
  unmeshed(): Promise<string>;
  /**
   * Applies the YAML beside the check. It may use `${namespace}`, `${image.workload}`, `${image.guest}` and the
   * parameters given here. Documents annotated `vmesh.dev/step: NAME` are left to `applyStep`.
   */
  apply(parameters?: Parameters): Promise<void>;
  /** Applies the documents of one step, with the parameters of `apply`. What it returns removes them again. */
  applyStep(name: string): Promise<() => Promise<void>>;
  /** The pod of this name or label `app`, once Ready. */
  pod(name: string, options?: { namespace: string }): Promise<Peer>;
  /** The VMI of this name, once Ready. */
  vmi(name: string, options?: { namespace: string }): Promise<VmiPeer>;
  /**
   * Repeats the request until it ends as expected, `times` rounds in a row (1), for at most `withinMs` before scaling
   * (`timeouts.configPropagation`). With `count`, each exchange of a round must be as expected. Returns the last round.
   */
  expectExchange(
    from: Peer,
    request: ExchangeRequest,
    expectation: Expectation,
    options?: { withinMs?: number; times?: number },
  ): Promise<Exchange[]>;
  /** Sends the request `count` times, and every single one must end as expected: no second try. */
  expectEvery(from: Peer, request: ExchangeRequest, expectation: Expectation): Promise<Exchange[]>;
  /** Puts a number or a label into the report; name the unit in the name: `first_answer_ms`. */
  property(name: string, value: string | number): void;
  /** Aborts at the check's deadline or an interrupt. */
  signal: AbortSignal;
}

export interface FixtureOptions {
  environment: Environment;
  entry: CheckEntry;
  injection: boolean;
  /** Aborts at the check's deadline and at an interrupt. */
  signal: AbortSignal;
  /** Aborts at an interrupt alone: then no evidence is collected, only cleaned up. */
  interrupt?: AbortSignal;
  /** Where properties and attachments go. */
  meta: { properties?: Record<string, string | number>; attachments?: string[] };
}

/** Runs a body with fixtures of its own: sets up, collects evidence on failure, cleans up. The first error wins. */
export function openFixtures(options: FixtureOptions): {
  run(body: (fixtures: Fixtures) => Promise<void>): Promise<void>;
} {
  const { environment, entry, injection, signal, interrupt, meta } = options;
  const { timeScale } = environment;
  const kube = connect(environment.kubeconfig);
  const namespace = `vmesh-${entry.suite}-${shortId()}`;
  const outside = `${namespace}-out`;
  const own: string[] = [];
  const foreign: ObjectRef[] = [];
  let parameters: Parameters = {};

  const createNamespace = async (name: string, injected: boolean) => {
    own.push(name);
    await kube.apply([namespaceObject(name, environment.clusterId, injected)], { signal });
    // The API refuses pods until the namespace has its service account.
    const options = { what: `namespace \`${name}\` takes pods`, budgetMs: scaled(timeouts.namespaceReady, timeScale) };
    await eventually({ ...options, intervalMs: 100, signal }, async () => {
      const account = { apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace: name };
      if (!(await kube.get(account))) throw new Error("it has no service account `default`");
    });
  };
  const documents = async (step: string | undefined): Promise<KubeObject[]> => {
    const ambient = {
      namespace,
      ...(own.includes(outside) && { unmeshed: outside }),
      ...Object.fromEntries(Object.entries(environment.images).map(([name, image]) => [`image.${name}`, image])),
    };
    const all = await loadManifests(entry.file.replace(/\.test\.ts$/, ".yaml"), parameters, ambient);
    return all.filter((object) => object.metadata.annotations?.["vmesh.dev/step"] === step);
  };
  const applyAll = async (objects: readonly KubeObject[]): Promise<ObjectRef[]> => {
    const refs = objects.map((object) => ({ namespace, ...refOf(object) }));
    foreign.push(...refs.filter((ref) => !own.includes(ref.namespace)));
    await kube.apply(objects, { namespace, signal });
    return refs;
  };
  const removeAll = async (refs: readonly ObjectRef[]) => {
    for (const ref of refs.toReversed()) await kube.remove(ref, { waitMs: scaled(timeouts.objectGone, timeScale) });
  };
  const place = (given?: { namespace: string }) => ({ kube, namespace, timeScale, signal, ...given });

  const fixtures: Fixtures = {
    environment,
    kube,
    namespace,
    signal,
    async unmeshed() {
      if (!own.includes(outside)) await createNamespace(outside, false);
      return outside;
    },
    async apply(given = {}) {
      parameters = given;
      await applyAll(await documents(undefined));
    },
    async applyStep(name) {
      const objects = await documents(name);
      if (objects.length === 0) throw usageError(`The YAML of ${entry.id} has no document of the step \`${name}\`.`);
      const refs = await applyAll(objects);
      return () => removeAll(refs);
    },
    pod: (name, given) => podPeer(name, place(given)),
    vmi: (name, given) => vmiPeer(name, place(given)),
    async expectExchange(from, request, expectation, { withinMs = timeouts.configPropagation, times = 1 } = {}) {
      const between = describeRequest(from, request);
      const budgetMs = scaled(withinMs, timeScale);
      return converges({ what: `${between} is ${expectation.expected}`, budgetMs, times, signal }, async (inner) => {
        const exchanges = await from.exchange(request, inner);
        assertExchanges(exchanges, expectation, between);
        return exchanges;
      });
    },
    async expectEvery(from, request, expectation) {
      const exchanges = await from.exchange(request, signal);
      assertExchanges(exchanges, expectation, describeRequest(from, request));
      return exchanges;
    },
    property(name, value) {
      meta.properties = { ...meta.properties, [name]: value };
    },
  };

  return {
    async run(body) {
      let failure: { error: unknown } | undefined;
      try {
        await createNamespace(namespace, injection);
        await body(fixtures);
      } catch (error) {
        failure = { error: asFailure(error) };
        const folder = join(process.env["VMESH_OUT"] ?? "reports/out", "diagnostics", entry.suite, entry.name);
        if (!interrupt?.aborted) meta.attachments = await collectDiagnostics(kube, own, folder);
      }
      const kept = process.env["VMESH_KEEP"] === "1";
      const doomed = kept ? [] : own.map((name) => ({ apiVersion: "v1", kind: "Namespace", name }));
      const ends = await Promise.allSettled([removeAll(foreign), ...doomed.map((ref) => kube.remove(ref))]);
      for (const end of ends) if (end.status === "rejected") failure ??= { error: end.reason };
      if (failure) throw failure.error;
    },
  };
}

/** A wait that ended because of what the product did is a failure of the product, not of the harness. */
export function asFailure(error: unknown): unknown {
  if (!(error instanceof WaitError)) return error;
  let { last } = error;
  while (last instanceof WaitError) last = last.last;
  if (!(last instanceof Error) || last instanceof HarnessError) return error;
  const { expected, actual } =
    last instanceof ExpectationError ? last : { expected: error.message, actual: last.message };
  return new ExpectationError(error.message, { expected, actual, cause: last });
}

function namespaceObject(name: string, clusterId: string, injected: boolean): KubeObject {
  const labels = { "vmesh.dev/cluster": clusterId, "istio-injection": injected ? "enabled" : "disabled" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function describeRequest(from: Peer, { url, count = 1 }: ExchangeRequest): string {
  return `${from.kind} ${from.namespace}/${from.name} → ${url}${count > 1 ? `, ${count} times` : ""}`;
}

function shortId(): string {
  return randomInt(36 ** 5)
    .toString(36)
    .padStart(5, "0");
}
