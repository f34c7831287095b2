import { type CaseOutcome, type CaseReport, countsOf, type Profile, type RunReport } from "./model.ts";
import { firstLine } from "./first-line.ts";
import { apiVersion, kind, schemaName, type Statement } from "./statement-schema.ts";

/** The run as JSON: first what a release manager asks, in the order of asking, then everything. */
export function statement(report: RunReport): string {
  return `${JSON.stringify(statementOf(report), null, 2)}\n`;
}

/** What the statement adds to the report. */
type Summary = Omit<Statement, keyof RunReport>;

function statementOf(report: RunReport): RunReport & Summary {
  const { cases, stages, versions } = report;
  const remarks = (...outcomes: CaseOutcome[]) => cases.filter(({ outcome }) => outcomes.includes(outcome)).map(remark);
  const { verdict, exitCode, finished, interruption, ...more } = report;
  const { vmesh, commit, provider, nodes, startedAt, seconds, seed, selection, reproduce, ...rest } = more;
  return {
    $schema: schemaName,
    apiVersion,
    kind,
    verdict,
    exitCode,
    finished,
    interruption,
    brokenStages: stages.filter(({ outcome }) => outcome !== "passed").map(broken),
    implementation: implementationOf(versions),
    vmesh,
    commit,
    provider,
    nodes,
    counts: countsOf(report),
    profiles: { core: profileOf(report, "core"), extended: profileOf(report, "extended") },
    features: featuresOf(report),
    failed: remarks("failed", "error"),
    flaky: remarks("flaky"),
    skipped: remarks("skipped"),
    startedAt,
    endedAt: new Date(Date.parse(startedAt) + seconds * 1000).toISOString(),
    seconds,
    seed,
    selection,
    reproduce,
    ...rest,
  };
}

function broken({ title, phase, outcome, error }: RunReport["stages"][number]): Statement["brokenStages"][number] {
  return { title, phase, reason: error ? firstLine(error.message) : outcome };
}

/** Istio and KubeVirt are what the statement is about; the rest follows by name. */
function implementationOf(versions: RunReport["versions"]): Statement["implementation"] {
  const first = ["istio", "kubevirt"].filter((name) => name in versions);
  const others = Object.keys(versions).filter((name) => !first.includes(name));
  return [...first, ...others.toSorted()].map((name) => ({ name, version: versions[name] ?? "" }));
}

function profileOf(report: RunReport, profile: Profile): Statement["profiles"]["core"] {
  const counts = { passed: 0, flaky: 0, failed: 0, error: 0, skipped: 0 };
  for (const one of report.cases) if (one.profile === profile) counts[one.outcome] += 1;
  return { result: resultOf(counts, report.failOnFlaky), counts, of: report.catalog?.[profile] };
}

type ProfileResult = Statement["profiles"]["core"];

function resultOf(counts: ProfileResult["counts"], failOnFlaky: boolean): ProfileResult["result"] {
  const { passed, flaky, failed, error, skipped } = counts;
  if (failed > 0 || (failOnFlaky && flaky > 0)) return "failed";
  if (error > 0) return "error";
  if (skipped > 0) return passed + flaky > 0 ? "partial" : "skipped";
  return passed + flaky > 0 ? "passed" : "none";
}

function featuresOf({ capabilities, cases }: RunReport): Statement["features"] {
  const skipped = cases.filter(({ outcome }) => outcome === "skipped");
  const supported: string[] = [];
  const unsupported: Statement["features"]["unsupported"] = [];
  for (const [name, state] of Object.entries(capabilities)) {
    if (state === true) supported.push(name);
    else
      unsupported.push({
        name,
        reason: state,
        checks: skipped.filter(({ needs }) => needs.includes(name)).map(({ id }) => id),
      });
  }
  return { supported, unsupported };
}

function remark({ id, title, profile, outcome, reason, failure }: CaseReport): Statement["failed"][number] {
  const why = outcome === "skipped" ? reason : failure?.message;
  return { id, title, profile, outcome, reason: firstLine(why) };
}
