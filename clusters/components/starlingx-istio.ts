import { collectCluster } from "../../lib/diagnostics.ts";
import { describeError } from "../../lib/errors.ts";
import { containersInOrder } from "../../lib/expectations/created-containers.ts";
import type { Kube } from "../../lib/kube.ts";
import type { Log } from "../../lib/log.ts";
import { asksForOwnAttachment, istiodNamed } from "../../lib/mesh.ts";
import type { Component, Facts, Target } from "./component.ts";
import { factsOf } from "./found-istio.ts";
import { controllerOf } from "./starlingx/controller.ts";
import { enrol, noteBefore, readBefore, withdrawEnrolment } from "./starlingx/enrolment.ts";
import { networksOf, proveInjection } from "./starlingx/injection.ts";
import { findKiali } from "./starlingx/kiali.ts";
import { type ApplicationBefore, type Lifecycle, lifecycleOf, type Pace, paceOf } from "./starlingx/lifecycle.ts";
import type { StarlingxSettings } from "./starlingx/settings.ts";
import { stateError } from "./starlingx/states.ts";
import { findTarball } from "./starlingx/tarball.ts";
import { unsupported } from "./starlingx/unsupported.ts";
import { workloadsReady } from "./starlingx/workloads.ts";

/** Its name in StarlingX. */
const APPLICATION = "istio";
/** Its istiod has none. */
const REVISION = "default";

/** States of an application that is there already from which it can be applied, and what it is taken back to. */
const takenUp: Readonly<Record<string, ApplicationBefore>> = {
  uploaded: "uploaded",
  applied: "applied",
  // Somebody's attempt that has failed is removed rather than left broken.
  "apply-failed": "uploaded",
};

/**
 * Istio as StarlingX's system application: uploaded, applied and removed by its command `system`, on this machine or on
 * the controller. A namespace is enrolled as the application's guide has it. Ready when a pod of that namespace has come
 * up with a proxy, and Kiali is there to log in to. What goes wrong takes everything back that vmesh has brought.
 */
export function starlingxIstio(settings: StarlingxSettings, pace?: Pace): Component {
  const { namespace } = settings;
  return {
    name: "istio",
    needs: ["multus"],
    provides: ["istio", "istio-cni"],
    namespaces: ["istio-system", "istio-operator", namespace],
    install: (target, signal) => orTakeBack(target, signal, () => bringUp(target, signal)),
    prove: (target, signal) => orTakeBack(target, signal, () => prove(target, settings, signal)),
    remove: ({ kube, log, access }) => takeBack(kube, lifecycle(log, access.timeScale)),
    async version({ kube }) {
      const path = `/api/v1/namespaces/istio-system/services/${istiodNamed(REVISION)}:15014/proxy/version`;
      const answer = await kube.raw(path);
      return answer.trim().split("-")[0] ?? answer;
    },
  };

  function lifecycle(log: Log, timeScale: number): Lifecycle {
    return lifecycleOf(APPLICATION, controllerOf(settings), { pace: pace ?? paceOf(timeScale), log });
  }

  async function bringUp({ kube, log, access }: Target, signal: AbortSignal): Promise<void> {
    const application = lifecycle(log, access.timeScale);
    const found = await application.find(signal);
    const before = found ? takenUp[found.status] : "missing";
    if (before === undefined) throw stateError(APPLICATION, found, "applied");
    // Looked for before anything is changed.
    const tarball = found ? undefined : await findTarball(controllerOf(settings), settings, signal);
    await noteBefore(kube, namespace, before, signal);
    if (tarball !== undefined) {
      log.info(`uploading ${tarball}`);
      await application.upload(tarball, signal);
    }
    if (before === "applied") log.info(`the application ${APPLICATION} ${found?.version} is applied already`);
    else await application.apply(signal);
    await enrol(kube, namespace, signal);
  }

  async function takeBack(kube: Kube, application: Lifecycle): Promise<void> {
    const before = await readBefore(kube, namespace);
    if (!before) return;
    // If it throws, the note stays for another attempt.
    const forced = await application.takeBack(before.application);
    await withdrawEnrolment(kube, namespace, before);
    if (forced) throw forced;
  }

  /** The first error is the one to read; that something is left is told. */
  async function orTakeBack<T>(target: Target, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { kube, log, access } = target;
    try {
      return await work();
    } catch (error) {
      if (!signal.aborted) {
        const scene = { kube, access, namespaces: ["istio-system", namespace] };
        await target.keepEvidence?.("starlingx-istio", (bundle) => collectCluster(bundle, scene));
      }
      await takeBack(kube, lifecycle(log, access.timeScale)).catch((late: unknown) =>
        log.warn(`not everything of the application ${APPLICATION} is taken back: ${describeError(late)}`),
      );
      throw error;
    }
  }
}

async function prove(target: Target, settings: StarlingxSettings, signal: AbortSignal): Promise<Facts> {
  const { kube, log, access } = target;
  await workloadsReady(target, settings, signal);
  const injected = await proveInjection(target, settings.namespace, signal);
  const kiali = await findKiali(kube);
  const [node] = access.nodes;
  log.info(`Kiali: http://${node?.address ?? "<OAM address>"}:${kiali.nodePort}/kiali, token by ${kiali.tokenFrom}`);
  const perNamespace = asksForOwnAttachment(networksOf(injected));
  const order = containersInOrder(injected);
  const isNative = order.indexOf("istio-proxy") < order.indexOf("echo");
  const mesh = await factsOf(kube, REVISION);
  return {
    mesh: { ...mesh, ...(perNamespace && { attachmentPerNamespace: true }) },
    capabilities: {
      ...unsupported,
      "istio-cni": order.includes("istio-validation") || "The injected pod does not wait for Istio's CNI plugin",
      "istio-cni-multus": !perNamespace || "StarlingX's Istio asks Multus for a definition in each pod's own namespace",
      "native-sidecars": isNative || "Istio does not inject its proxy as a native sidecar here",
    },
  };
}
