import { runningProcesses } from "../../clusters/lab/daemon.ts";
import { environmentError, exitCodes } from "../../lib/errors.ts";
import type { ObjectRef } from "../../lib/kube.ts";
import { pause } from "../../lib/wait.ts";
import type { RunningRun, SharedCluster, SharedFault } from "./fault.ts";

/** How a run ends that is killed: with the report as it was after the last check that ended. */
const killed = {
  ends: "SIGKILL",
  cause: /the worker ended before the check did|the run has not come to it/,
  cleanedLater: true,
} as const;

/** Signals to the processes of a run. */
export const processFaults: readonly SharedFault[] = [
  {
    name: "sigint",
    sentence: "the run gets SIGINT",
    ends: exitCodes.interrupted,
    cause: /Interrupted by SIGINT/,
    inject: async ({ pid }) => process.kill(pid, "SIGINT"),
  },
  {
    name: "sigterm",
    sentence: "the run gets SIGTERM",
    ends: exitCodes.interrupted,
    cause: /Interrupted by SIGTERM/,
    inject: async ({ pid }) => process.kill(pid, "SIGTERM"),
  },
  {
    name: "sigint-twice",
    sentence: "the run gets SIGINT again while it cleans up",
    ends: exitCodes.interrupted,
    cause: /`scripts\/vmesh clean` removes what is left/,
    cleanedLater: true,
    inject: untilGone,
  },
  {
    name: "run-killed",
    sentence: "the run gets SIGKILL",
    ...killed,
    inject: async ({ pid }) => process.kill(pid, "SIGKILL"),
  },
  {
    name: "suites-killed",
    sentence: "the process of the checks gets SIGKILL",
    ends: exitCodes.environment,
    cause: /The suites process was ended by SIGKILL/,
    inject: async ({ pid }) => process.kill(await suitesOf(pid), "SIGKILL"),
  },
  {
    name: "suites-out-of-memory",
    sentence: "the process of the checks aborts, as it does when its memory ends",
    ends: exitCodes.environment,
    cause: /The suites process was ended by SIGABRT/,
    inject: async ({ pid }) => process.kill(await suitesOf(pid), "SIGABRT"),
  },
  {
    name: "killed-under-mesh-wide-strict",
    sentence: "the run and its checks get SIGKILL while the whole mesh is STRICT",
    select: ["--check", "strict/mesh-wide"],
    ...killed,
    when: (scene) => demandThere(scene, meshWideStrict),
    inject: killBoth,
    restored: async ({ kube }) => {
      if (await kube.get(meshWideStrict)) throw environmentError("The whole mesh is still STRICT.");
    },
  },
  {
    name: "killed-without-nad",
    sentence: "the run and its checks get SIGKILL while Istio's NetworkAttachmentDefinition is withdrawn",
    select: ["--check", "enrolment/missing-nad"],
    ...killed,
    async when({ kube }) {
      if (await kube.get(nad)) throw environmentError("It is still there.");
    },
    inject: killBoth,
    restored: (scene) => demandThere(scene, nad),
  },
];

const meshWideStrict: ObjectRef = {
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  namespace: "istio-system",
  name: "default",
};
const nad: ObjectRef = {
  apiVersion: "k8s.cni.cncf.io/v1",
  kind: "NetworkAttachmentDefinition",
  namespace: "default",
  name: "istio-cni",
};

async function demandThere({ kube }: Pick<SharedCluster, "kube">, ref: ObjectRef): Promise<void> {
  if (!(await kube.get(ref))) throw environmentError(`There is no ${ref.kind} ${ref.namespace}/${ref.name}.`);
}

/** Cleaning up may take less than a second; and of two signals that come at once a process sees one. */
async function untilGone({ pid, signal }: RunningRun): Promise<void> {
  try {
    for (;;) {
      process.kill(pid, "SIGINT");
      await pause(50, signal);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** As when the machine is reset: checks that outlive their run clean up. */
async function killBoth({ pid }: RunningRun): Promise<void> {
  const suites = await suitesOf(pid);
  for (const each of [suites, pid]) process.kill(each, "SIGKILL");
}

/** The process of the checks, a child of the run. */
async function suitesOf(run: number): Promise<number> {
  const children = (await runningProcesses()).filter(({ parent }) => parent === run);
  const suites = children.find(({ argv }) => argv.some((word) => word.endsWith("suites-runner.ts")));
  if (suites) return suites.pid;
  throw environmentError(`Process ${run} has no child that runs checks.`);
}
