import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadCatalog } from "../lib/catalog.ts";
import { run } from "../lib/command.ts";
import { loadEnvironment } from "../lib/environment.ts";
import { environmentError } from "../lib/errors.ts";
import { answered } from "../lib/expectations.ts";
import { openFixtures } from "../lib/fixtures.ts";
import { timeouts } from "../lib/timeouts.ts";
import { cacheFolder } from "./cluster-state.ts";
import { peakMegabytes } from "./process-memory.ts";
import { callProgram, latestReport, type ProcessOptions } from "./vmesh-process.ts";

const check = "scenarios/vmi-through-service";

/** The five scenarios of the sources, on a cluster that is up: seconds of the stage. */
export async function measureScenarios(environmentFile: string, out: string, options: ProcessOptions) {
  await callProgram("vmesh", ["run", "--cluster", environmentFile, "--suite", "scenarios", "--out", out], options);
  return { scenarios: await secondsOf(out, "suites") };
}

/** All checks on a cluster that is up: seconds of the stage, and the most megabytes that vmesh itself took. */
export async function measureSuites(environmentFile: string, out: string, options: ProcessOptions) {
  const ended = new AbortController();
  let memory: Promise<number> | undefined;
  const onStart = (pid: number) => {
    memory = peakMegabytes(pid, ended.signal);
  };
  try {
    await callProgram("vmesh", ["run", "--cluster", environmentFile, "--out", out], { ...options, onStart });
  } finally {
    ended.abort();
  }
  return { suites: await secondsOf(out, "suites"), memory: (await memory) ?? 0 };
}

/**
 * A run with empty caches, those of Go, pip and npm, too: all seconds, and those after the stage that builds, the end
 * of the cluster included.
 */
export async function measureCold(out: string, options: ProcessOptions) {
  const cache = cacheFolder();
  const empty = await mkdtemp(join(dirname(cache), "vmesh-cold-"));
  const modules = join(empty, "go-modules");
  const env = {
    VMESH_CACHE: join(empty, "vmesh"),
    GOCACHE: join(empty, "go-build"),
    GOMODCACHE: modules,
    PIP_CACHE_DIR: join(empty, "pip"),
    npm_config_cache: join(empty, "npm"),
  };
  try {
    const cold = await callProgram("vmesh", ["run", "--out", out], { ...options, env });
    const { seconds } = await latestReport(out);
    const stages = ["doctor", "cluster: packages and engine", "cluster: build"];
    const before = (await Promise.all(stages.map((stage) => secondsOf(out, stage)))).reduce((sum, part) => sum + part);
    return { cold, coldAfterBuild: seconds - before };
  } finally {
    // Go makes its folders read-only. There are none if the run did not come to them.
    await run("chmod", ["-R", "u+w", modules], { timeoutMs: timeouts.copyStore, allowFailure: true });
    await rm(empty, { recursive: true, force: true });
  }
}

/**
 * Creates the VMI, Service and client pod of `scenarios/vmi-through-service` in a namespace of their own, alone on the
 * cluster. Seconds from apply to the VMI being Ready, and to the first request answered over mutual TLS, exact to
 * `timeouts.poll`.
 */
export async function measureVmi(environmentFile: string, signal: AbortSignal) {
  const environment = await loadEnvironment(environmentFile);
  const entry = (await loadCatalog()).find(({ id }) => id === check);
  if (!entry) throw new TypeError(`There is no check \`${check}\` any more.`);
  const scene = openFixtures({ environment, entry, injection: true, signal, meta: {} });
  const times = { vmiReady: 0, vmiAnswer: 0 };
  await scene.run(async ({ apply, pod, vmi, expectExchange }) => {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    await apply();
    const [client, vmiReady] = await Promise.all([pod("client"), vmi("istio-vmi").then(seconds)]);
    const { identity } = client;
    if (!identity) throw environmentError("The client pod has no proxy, so there is no mutual TLS to measure.");
    await expectExchange(client, { url: "http://istio-vmi-svc:8080/" }, answered({ identity }));
    Object.assign(times, { vmiReady, vmiAnswer: seconds() });
  });
  return times;
}

/** Of a stage's set-up in the last report; 0 if it had none. */
async function secondsOf(out: string, title: string): Promise<number> {
  const { stages } = await latestReport(out);
  return stages.find((stage) => stage.title === title && stage.phase === "setup")?.seconds ?? 0;
}
