import { randomBytes } from "node:crypto";
import { availableParallelism, release, totalmem } from "node:os";
import { relative } from "node:path";
import manifest from "../package.json" with { type: "json" };
import type { CheckEntry } from "../lib/check.ts";
import type { Bundle } from "../lib/diagnostics/bundle.ts";
import { evidenceKeeper } from "../lib/diagnostics/keeper.ts";
import { runPipeline, type Stage, type StageRecord } from "../lib/pipeline.ts";
import { failureOf } from "../reports/failure.ts";
import { reportFrom } from "../reports/fold.ts";
import { type NewEvent, readJournal, record } from "../reports/journal.ts";
import { countsOf, type PlannedCase, type Profile, type RunFacts, type RunReport } from "../reports/model.ts";
import { writeReports } from "../reports/write.ts";
import { fillCluster, type Lab, startCluster, takeUp } from "./bring-up.ts";
import { commitOf } from "./commit.ts";
import type { Console } from "./console.ts";
import { leftoversStage } from "./leftovers.ts";
import { openReportFolder, type ReportFolder } from "./report-folder.ts";
import { reproduceLine } from "./reproduce.ts";
import { runState } from "./run-state.ts";
import { roundInWords } from "./rounds.ts";
import { type SuitesListener, type SuitesPlan, suitesStage } from "./suites-stage.ts";

/** Everything a run is made of; the command line fills it in, and so do tests. */
export interface RunPlan extends SuitesPlan {
  /** The configuration that was named, if it was not `vmesh.yaml`. */
  configFile?: string | undefined;
  console: Console;
  /** All checks that there are, selected or not. */
  catalog: readonly Pick<CheckEntry, "profile">[];
  signal: AbortSignal;
}

/**
 * One run from cluster to report. Whatever goes wrong is in the report; throws only if the report itself cannot be
 * written. The report on disk is renewed after every stage and every check, so that there is one whatever ends this
 * process.
 */
export async function conformance(plan: RunPlan): Promise<RunReport> {
  const { lab, console, existing, checks, signal } = plan;
  const { config, log } = lab;
  const facts: RunFacts = { ...factsOf(plan), commit: await commitOf() };
  const folder = await openReportFolder(config.out, facts.runId);
  const state = runState(lab.stateDir, facts.runId);
  // A full disk must not keep the cluster from being removed; the last report, below, may fail for good.
  const complain = (error: unknown) => log.warn(`The report is not up to date: ${failureOf(error).message}`);
  const note = (event: NewEvent) => {
    try {
      record(folder.journal, event);
    } catch (error) {
      complain(error);
    }
  };
  const report = () => reportFrom(readJournal(folder.journal));
  record(folder.journal, { event: "run", facts });
  note({ event: "planned", cases: checks.map(planned) });

  lab.onPart = (title, seconds) => {
    const startedAt = new Date(Date.now() - seconds * 1000).toISOString();
    note({
      event: "stage",
      stage: { title, phase: "setup", startedAt, seconds, outcome: "passed" },
    });
  };
  /** Evidence since the last stage, relative to the folder: it belongs to the stage that ends next. */
  const attachments: string[] = [];
  lab.keepEvidence = evidenceKeeper(folder.diagnostics, ({ files, lost }) => {
    attachments.push(...files.map((file) => relative(folder.path, file)));
    if (lost !== undefined) log.warn(`The evidence in the report is not whole: ${lost}`);
  });
  let writing = Promise.resolve();
  let waiting = false;
  /** One write at a time and one waiting, which reads the journal when its turn comes: that is up to date for all. */
  const renew = () => {
    if (waiting) return;
    waiting = true;
    writing = writing
      .then(() => {
        waiting = false;
        return writeReports(folder.path, report(), config.junit);
      })
      .catch(complain);
  };
  // On disk at once: a second signal ends this process where it stands.
  signal.addEventListener("abort", () => {
    note({ event: "interrupted", reason: failureOf(signal.reason).message });
    renew();
  });
  const onStage = (stage: StageRecord) => {
    const { error, ...rest } = stage;
    const told = {
      ...rest,
      error: error === undefined ? undefined : failureOf(error),
      attachments: attachments.splice(0),
    };
    const versions = lab.environment?.versions ?? lab.cluster?.access.versions;
    if (versions) note({ event: "versions", versions });
    if (lab.environment) note({ event: "capabilities", capabilities: lab.environment.capabilities });
    note({ event: "stage", stage: told });
    console.stageEnded(told);
    renew();
  };
  const evidence = { title: "evidence", teardown: () => collectClusterEvidence(lab, folder, signal) };
  const leftovers = leftoversStage(state);
  const before =
    existing === undefined
      ? [...startCluster, leftovers, evidence, fillCluster]
      : [takeUp(existing), leftovers, evidence];
  const onEvent: SuitesListener["onEvent"] = (event, { round, ...counts }) => {
    const place = { ...counts, round: roundInWords(round, config) };
    if (event.event === "started") console.checkBegan(event.id, place);
    if (event.event === "paused") log.warn(event.sentence);
    if (event.event !== "ended") return;
    console.checkEnded(event.result, place);
    renew();
  };
  const suites = suitesStage(plan, { folder, state }, { onEvent });
  const stages: readonly Stage<Lab>[] = [...before, suites, { title: "verify", setup: verify }];
  const result = await runPipeline(stages, lab, { signal, onBegin: console.stageBegan, onStage });

  if (signal.aborted || result.outcome === "interrupted" || result.outcome === "timedout") {
    note({ event: "interrupted", reason: failureOf(signal.reason ?? result.error).message });
  }
  note({ event: "end" });
  await writing;
  const last = report();
  await writeReports(folder.path, last, config.junit);
  console.report(last, folder.path, checks);
  return last;
}

/** Asks the provider whether the cluster kept its promises while the checks ran. */
async function verify({ cluster }: Lab): Promise<void> {
  await cluster?.verify?.();
}

/** What the cluster says of its components and of checks that died, and the nodes' logs, when something is red by itself. */
async function collectClusterEvidence(
  { cluster, clusterId, keepEvidence }: Lab,
  folder: ReportFolder,
  signal: AbortSignal,
): Promise<void> {
  const { failed } = countsOf(reportFrom(readJournal(folder.journal)));
  if (!cluster || failed === 0 || signal.aborted) return;
  const { access } = cluster;
  // The Kubernetes client takes a moment to load.
  const { connect } = await import("../lib/kube.ts");
  const { collectCluster } = await import("../lib/diagnostics.ts");
  const { componentNamespaces: namespaces } = await import("../clusters/components/components.ts");
  const whole = { clusterId, logs: (bundle: Bundle) => cluster.collectLogs(bundle) };
  await keepEvidence?.("cluster", async (bundle) =>
    collectCluster(bundle, { kube: connect(access.kubeconfig), access, namespaces, whole }),
  );
}

function sizeOf(catalog: RunPlan["catalog"], profile: Profile): number {
  return catalog.filter((one) => one.profile === profile).length;
}

function planned({ id, title, profile, tags, source, needs, serial }: CheckEntry): PlannedCase {
  return { id, title, profile, tags, source, needs, serial };
}

function factsOf({ lab, seed, existing, configFile, catalog }: RunPlan): RunFacts {
  const { config, provider, clusterId } = lab;
  const { suite, check, tag, feature, shard, profile, nodes, requireAll, failOnFlaky } = config;
  const selection = { profile: [profile], suite, check, tag, feature, shard: shard === undefined ? [] : [shard] };
  return {
    runId: newRunId(),
    vmesh: manifest.version,
    clusterId,
    provider: provider.name,
    nodes,
    host: {
      cpus: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${process.arch} ${release()}`,
      node: process.version,
    },
    seed,
    selection,
    reproduce: reproduceLine(config, seed, { existing, configFile }),
    catalog: { core: sizeOf(catalog, "core"), extended: sizeOf(catalog, "extended") },
    requireAll,
    failOnFlaky,
  };
}

/** Sorts by time: `20260102-030405-1f2e`. */
function newRunId(): string {
  const [date = "", time = ""] = new Date().toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${randomBytes(2).toString("hex")}`;
}
