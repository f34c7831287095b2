import { join } from "node:path";
import { bookinfoObjects, type BookinfoName } from "./bookinfo.ts";
import { peerName } from "./calls.ts";
import type { CheckEntry } from "./check.ts";
import { collectDiagnostics } from "./diagnostics.ts";
import type { Environment } from "./environment.ts";
import { describeError, environmentError, HarnessError } from "./errors.ts";
import { ExpectationError } from "./expectations.ts";
import { mesh } from "./mesh.ts";
import type { Mark } from "./milestones.ts";
import { type Observations, observationFixtures } from "./fixtures/observations.ts";
import { createRecord, type Meta } from "./fixtures/record.ts";
import { createScene, type Scene } from "./fixtures/scene.ts";
import { selfSigned, type SelfSigned } from "./fixtures/self-signed.ts";
import { type Telemetry, telemetryFixtures } from "./fixtures/telemetry.ts";
import { type Traffic, trafficFixtures } from "./fixtures/traffic.ts";
import { connect, type Kube } from "./kube.ts";
import { type Machine, machineAt } from "./machine.ts";
import type { WorkloadFiles } from "./onboarding.ts";
import { type ExternalVmPeer, externalVmPeer } from "./peers/external-vm.ts";
import { type GatewayPeer, gatewayPeer } from "./peers/gateway.ts";
import type { Peer, PodPeer } from "./peers/peer.ts";
import { podPeer } from "./peers/pod.ts";
import { type VmiPeer, vmiPeer } from "./peers/vmi.ts";
import { timeouts } from "./timeouts.ts";
import { deadline, untilAborted, WaitError } from "./wait.ts";

/** What the body of a check works with. */
export interface Fixtures extends Scene, Traffic, Observations, Telemetry {
  environment: Environment;
  kube: Kube;
  /** The pod of this name or label `app`, once Ready. */
  pod(name: string, options?: { namespace: string }): Promise<PodPeer>;
  /** The VMI of this name, once Ready. */
  vmi(name: string, options?: { namespace: string }): Promise<VmiPeer>;
  /** The external VM, once its proxy is ready. */
  externalVm(): Promise<ExternalVmPeer>;
  /**
   * Applies these Deployments of Bookinfo, `suites/base/bookinfo.yaml`, with their Services and ServiceAccounts, and
   * returns their pods, in this order, once they are Ready.
   */
  bookinfo(...deployments: readonly BookinfoName[]): Promise<PodPeer[]>;
  /** The ingress or the egress gateway, once it is Ready and has an address. */
  gateway(edge: keyof typeof mesh.edge): Promise<GatewayPeer>;
  /** A certificate for one host that is its own authority, made in a pod of ours. */
  selfSigned(pod: PodPeer, host: string): Promise<SelfSigned>;
  /** For a check that may take the VM out of the mesh: brings it back at its end, with the files returned here. */
  rejoinAfterwards(vm: ExternalVmPeer): Promise<WorkloadFiles>;
  /** Puts a number or a label into the report; name the unit in the name: `first_answer_ms`. */
  property(name: string, value: string | number): void;
  /** Puts a milestone of a peer into the report that took this many milliseconds; those of pods and VMIs come by themselves. */
  milestone(peer: Peer, mark: Mark, ms: number): void;
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
  /** Where goes what the report tells. */
  meta: Meta;
  /** Called of a red check once its evidence is collected, before anything is removed; not at an interrupt. */
  onRed?(namespaces: readonly string[]): Promise<void>;
}

/** Runs a body with fixtures of its own: sets up, collects evidence on failure, cleans up. The first error wins. */
export function openFixtures(options: FixtureOptions): {
  run(body: (fixtures: Fixtures) => Promise<void>): Promise<void>;
} {
  const { environment, entry, signal, interrupt, meta } = options;
  const kube = connect(environment.kubeconfig);
  const record = createRecord(meta);
  const { open, restore, remove, namespaces, ...scene } = createScene({ ...options, kube, onApply: record.applying });
  const { namespace } = scene;
  const { timeScale } = environment;
  const { external } = environment.endpoints;
  if (external) record.knows({ name: "external", namespace: "", kind: "host" }, ["external", external]);
  const seen = async <T extends Peer>(opening: Promise<T>): Promise<T> => {
    const peer = await opening;
    record.ready(peer);
    record.knows(peerName(peer), [await peer.address()]);
    return peer;
  };
  const place = (given?: { namespace: string }) => ({ kube, namespace, timeScale, signal, ...given });

  const observations = observationFixtures({ kube, environment, namespace, signal });
  const fixtures: Fixtures = {
    environment,
    kube,
    signal,
    ...scene,
    ...trafficFixtures({ timeScale, signal, onJudged: record.exchanged }),
    ...observations,
    ...telemetryFixtures({ kube, environment, namespace, signal, eventually: observations.eventually }),
    async apply(parameters) {
      record.applied();
      await scene.apply(parameters);
    },
    pod: (name, given) => seen(podPeer(name, place(given))),
    async vmi(name, given) {
      const peer = await seen(vmiPeer(name, place(given)));
      if (peer.runningMs !== undefined) record.milestone(peer, "runningMs", peer.runningMs);
      return peer;
    },
    async externalVm() {
      const peer = await externalVmPeer({ environment, kube, signal });
      const { workload, namespace } = mesh.vm;
      record.knows(peerName(peer), [peer.name, workload, `${workload}.${namespace}`, await peer.address()]);
      return peer;
    },
    async bookinfo(...deployments) {
      record.applied();
      await scene.applyBase("bookinfo", deployments.flatMap(bookinfoObjects));
      return Promise.all(deployments.map((name) => seen(podPeer(name, place()))));
    },
    async gateway(edge) {
      const peer = await gatewayPeer(edge, { kube, timeScale, signal });
      const { name, namespace, identity, host } = peer;
      record.knows({ name, namespace, kind: "pod", identity }, [host, `${name}.${namespace}`]);
      return peer;
    },
    selfSigned: (pod, host) => selfSigned(pod, host, { kube, timeScale, signal }),
    async rejoinAfterwards(vm) {
      const files = await vm.files();
      const again = (inner: AbortSignal) => vm.rejoin(files, inner);
      scene.afterwards("the VM is in the mesh again", again, { withinMs: timeouts.agentRejoin });
      return files;
    },
    property: record.property,
    milestone: record.milestone,
  };

  const collectEvidence = async () => {
    const evidence = { kube, environment, namespaces, machine: machineOf(options), interrupt };
    const { files, lost } = await collectDiagnostics(evidence, evidenceFolder(entry));
    meta.attachments = files;
    // The check's output, as the report may be on the same disk.
    if (lost !== undefined) console.warn(`The evidence of ${entry.id} is not whole: ${lost}`);
  };

  return {
    async run(body) {
      let failure: { error: unknown } | undefined;
      /** Runs a part of the check. If it is the first to fail, there is evidence of it before anything else is done. */
      const part = async (work: () => Promise<void>, judged: (error: unknown) => unknown = (error) => error) => {
        try {
          await work();
        } catch (error) {
          if (failure) return;
          failure = { error: judged(error) };
          if (interrupt?.aborted) return;
          failure = { error: await unlessApiIsGone(kube, failure.error) };
          // Whatever goes wrong here, the check has its error already, and its namespaces must go.
          const tell = (also: unknown) => console.warn(describeError(also));
          await collectEvidence().catch(tell);
          await options.onRed?.(namespaces).catch(tell);
        }
      };
      await part(async () => {
        await open();
        await body(fixtures);
      }, asFailure);
      await part(() => restore(interrupt));
      await part(() => remove({ keep: process.env["VMESH_KEEP"] === "1" && failure !== undefined }));
      if (failure) throw failure.error;
    },
  };
}

/** One for each try of a check. */
function evidenceFolder({ suite, name }: CheckEntry): string {
  const { VMESH_OUT = "reports/out", VMESH_REPETITION = "1", VMESH_ATTEMPT = "1" } = process.env;
  const repetition = VMESH_REPETITION === "1" ? [] : [`repetition-${VMESH_REPETITION}`];
  const attempt = VMESH_ATTEMPT === "1" ? [] : [`try-${VMESH_ATTEMPT}`];
  return join(VMESH_OUT, "diagnostics", suite, name, ...repetition, ...attempt);
}

/** The machine of a check that says it needs one. */
function machineOf({ entry, environment }: FixtureOptions): Machine | undefined {
  const { vm } = environment.machines;
  return entry.needs.includes("external-vm") && vm ? machineAt(vm) : undefined;
}

/**
 * A cluster whose API server is gone decays: what a check saw in it last is not the product's doing, and maybe of the
 * time before. Returns the error, or that there is no answer, with the error as its cause.
 */
async function unlessApiIsGone(kube: Pick<Kube, "raw">, error: unknown): Promise<unknown> {
  try {
    await untilAborted(deadline(timeouts.apiProbe), (signal) => kube.raw("/readyz", { signal }));
    return error;
  } catch (reason) {
    const message = `There was no answer from the API server within ${timeouts.apiProbe / 1000} s when the check ended, so that what it saw proves nothing.`;
    return environmentError(message, { evidence: describeError(reason), cause: error });
  }
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
