import { namespacesLeft, runLabel } from "../lib/check-namespaces.ts";
import { describeRef, type Kube, refOf } from "../lib/kube.ts";
import type { Stage } from "../lib/pipeline.ts";
import { readOutside } from "../lib/outside.ts";
import { timeouts } from "../lib/timeouts.ts";
import type { Lab } from "./bring-up.ts";
import { claimState } from "./cluster-state.ts";
import { closeRunState, type RunState } from "./run-state.ts";

/** Comes after the cluster is there; its teardown removes what the checks of this run left on one that stays. */
export function leftoversStage(run: RunState): Stage<Lab> {
  return {
    title: "leftovers",
    async setup() {
      await claimState(run.path);
    },
    async teardown({ keep, config, environment, provider, log }) {
      // A cluster that goes takes along what is on it; one of somebody else's does not go.
      if (!(keep || provider.borrowed) || !environment) return closeRunState(run);
      const { connect } = await import("../lib/kube.ts");
      const kube = connect(environment.kubeconfig);
      if (!config.keep) {
        for (const what of await removeLeftovers(kube, run)) log.warn(`${what}, which a check had left`);
        return;
      }
      const kept = await namespacesLeft(kube, runLabel, run.runId);
      const removal = `\`kubectl delete ns -l ${runLabel}=${run.runId}\` removes them`;
      if (kept.length > 0) log.info(`namespaces kept: ${kept.join(", ")}; ${removal}`);
      closeRunState(run);
    },
  };
}

/**
 * Undoes what checks of a run did outside their namespaces and did not undo, removes their namespaces, and forgets the
 * run. What is on its way out is left alone. Returns what it did, in words; throws if the cluster does not answer.
 */
export async function removeLeftovers(kube: Kube, run: RunState): Promise<string[]> {
  const done: string[] = [];
  const { remove, putBack } = readOutside(run.path);
  for (const ref of remove) {
    // Whoever may write Secrets may not read them.
    if (ref.kind !== "Secret" && !(await kube.get(ref))) continue;
    await kube.remove(ref, { waitMs: timeouts.objectGone });
    done.push(`removed ${describeRef(ref)}`);
  }
  if (putBack.length > 0) await kube.apply(putBack);
  for (const object of putBack) done.push(`put back ${describeRef(refOf(object))}`);
  for (const name of await namespacesLeft(kube, runLabel, run.runId)) {
    await kube.remove({ apiVersion: "v1", kind: "Namespace", name });
    done.push(`removed Namespace ${name}`);
  }
  closeRunState(run);
  return done;
}
