import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runLabel } from "../lib/check-namespaces.ts";
import { fakeApi } from "../lib/kube/fake-api.ts";
import { createLog } from "../lib/log.ts";
import type { Lab } from "./bring-up.ts";
import type { Kube, KubeObject, ObjectRef } from "../lib/kube.ts";
import { outsideLedger } from "../lib/outside.ts";
import { claimState } from "./cluster-state.ts";
import { leftoversStage, removeLeftovers } from "./leftovers.ts";
import { deadRuns, type RunState, runState } from "./run-state.ts";

const policy: ObjectRef = { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", namespace: "i", name: "d" };
const gone: ObjectRef = { ...policy, name: "gone" };
const nad: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "nad", namespace: "default" } };

async function openRun(): Promise<{ stateDir: string; run: RunState }> {
  const stateDir = await mkdtemp(join(tmpdir(), "vmesh-state-"));
  onTestFinished(() => rm(stateDir, { recursive: true }));
  const run = runState(stateDir, "run-1");
  await claimState(run.path);
  return { stateDir, run };
}

/** The calls that change a cluster, on one that holds the policy and two namespaces of the run, one on its way out. */
function cluster() {
  const calls: string[] = [];
  const namespace = (name: string, doomed: boolean) =>
    ({ metadata: { name, ...(doomed && { deletionTimestamp: "2026-01-02T03:04:05Z" }) } }) as KubeObject;
  const kube = {
    get: async ({ name }: ObjectRef) => (name === policy.name ? nad : undefined),
    remove: async ({ kind, name }: ObjectRef) => void calls.push(`remove ${kind} ${name}`),
    apply: async (objects: readonly KubeObject[]) =>
      void calls.push(...objects.map(({ metadata }) => `apply ${metadata.name}`)),
    list: async () => [namespace("one", false), namespace("two", true)],
  } as unknown as Kube;
  return { kube, calls };
}

test("What a run left outside is removed or put back, then its namespaces go, and it is forgotten", async () => {
  const { run } = await openRun();
  const ledger = outsideLedger(run.path);
  // A Secret is removed without a look, which takes a right that nobody else needs.
  ledger.applied([{ apiVersion: "v1", kind: "Secret", namespace: "i", name: "s" }, policy, gone]);
  ledger.withdrew(nad);
  const { kube, calls } = cluster();
  const done = await removeLeftovers(kube, run);
  expect(calls).toEqual(["remove PeerAuthentication d", "remove Secret s", "apply nad", "remove Namespace one"]);
  expect(done).toHaveLength(4);
  expect(existsSync(run.path)).toBe(false);
});

test("A run whose cluster does not answer is not forgotten", async () => {
  const { run } = await openRun();
  const kube = { ...cluster().kube, list: () => Promise.reject(new Error("no answer")) };
  await expect(removeLeftovers(kube, run)).rejects.toThrow("no answer");
  expect(existsSync(run.path)).toBe(true);
});

test("A run is dead when its process is gone, and never while it lives", async () => {
  const { stateDir, run } = await openRun();
  expect(await deadRuns(stateDir)).toEqual([]);
  await rm(join(run.path, "owner"));
  expect(await deadRuns(stateDir)).toEqual([run]);
  expect(await deadRuns(join(stateDir, "nowhere"))).toEqual([]);
});

test.for([
  ["that is somebody else's", { borrowed: true, keep: false }, ["one"]],
  ["that is kept", { borrowed: false, keep: true }, ["one"]],
  ["that goes with the run", { borrowed: false, keep: false }, []],
] as const)("At the end of a run on a cluster %s these namespaces are removed: %j", async ([, how, expected]) => {
  const { run } = await openRun();
  const metadata = { name: "one", labels: { [runLabel]: run.runId } };
  const api = await fakeApi({ objects: [{ apiVersion: "v1", kind: "Namespace", metadata }] });
  const lab = {
    keep: how.keep,
    config: { keep: false },
    environment: { kubeconfig: api.kubeconfig },
    provider: how.borrowed ? { borrowed: true } : {},
    log: createLog({ write: () => {} }),
  } as unknown as Lab;
  await leftoversStage(run).teardown?.(lab);
  const removed = api.requests.flatMap((line) => /^DELETE .*\/(.*)$/.exec(line)?.[1] ?? []);
  expect(removed).toEqual(expected);
  expect(existsSync(run.path)).toBe(false);
});
