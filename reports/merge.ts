import { usageError } from "../lib/errors.ts";
import { strayPrefix } from "./incidents.ts";
import { type CaseReport, exitCodeFor, type RunReport, verdictOf } from "./model.ts";
import type { Shard } from "./shards.ts";

/**
 * One report of all shards: their cases, their stages under the shard's name, the time from the first start to the last
 * end, and the verdict that all of it comes to. Throws a usage error if two shards have the same check. Even if it
 * ended alike in both: shards part the checks among them, so these were cut by different rules, and to keep one of two
 * ends would hide the other.
 */
export function merge(shards: readonly Shard[]): RunReport {
  const reports = shards.map(({ report }) => report);
  const [first, ...others] = reports.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  if (!first) throw usageError("There is nothing to merge.");
  demandParted(shards);
  const end = Math.max(...reports.map(({ startedAt, seconds }) => Date.parse(startedAt) + seconds * 1000));
  const stages = shards.flatMap(({ name, subfolder, report }) =>
    report.stages.map(({ attachments, ...stage }) => ({
      ...stage,
      title: `${name}: ${stage.title}`,
      ...(attachments && { attachments: movedTo(subfolder, attachments) }),
    })),
  );
  const cases = casesOf(shards);
  const interruption = interruptionOf(shards);
  const { vmesh, commit, provider, nodes, seed, catalog, requireAll, failOnFlaky, startedAt } = first;
  const verdict = verdictOf({ stages, cases, interruption, failOnFlaky });
  return {
    runId: `${first.runId}-merged`,
    vmesh,
    commit,
    clusterId: unique(reports.map(({ clusterId }) => clusterId)).join(", "),
    provider,
    nodes,
    host: others.reduce<RunReport["host"]>((host, report) => mergedHost(host, report.host), first.host),
    seed,
    selection: selectionOf(reports),
    catalog,
    reproduce: unique(reports.map(({ reproduce }) => reproduce.replace(/ --shard[ =]\S+/, ""))).join(" && "),
    requireAll,
    failOnFlaky,
    startedAt,
    seconds: (end - Date.parse(startedAt)) / 1000,
    versions: Object.assign({}, ...reports.map(({ versions }) => versions)) as RunReport["versions"],
    capabilities: capabilitiesOf(shards),
    stages,
    cases,
    interruption,
    finished: reports.every(({ finished }) => finished),
    verdict,
    exitCode: exitCodeFor(verdict, requireAll),
  };
}

function demandParted(shards: readonly Shard[]): void {
  const owners = Map.groupBy(
    shards.flatMap(({ name, report }) => report.cases.map(({ id }) => ({ id, name }))),
    ({ id }) => id,
  );
  const shared = [...owners].filter(([id, all]) => all.length > 1 && !id.startsWith(strayPrefix));
  if (shared.length === 0) return;
  const lines = shared.map(([id, all]) => `${id}: ${all.map(({ name }) => name).join(", ")}`);
  const more = lines.length > 10 ? [`and ${lines.length - 10} more`] : [];
  throw usageError(`${lines.length === 1 ? "A check is" : `${lines.length} checks are`} in more than one shard.`, {
    evidence: [...lines.slice(0, 10), ...more].join("\n"),
    hint: "give runs that part the checks among them; `scripts/vmesh diff` compares repetitions",
  });
}

/** By name, as a run that was not cut has them; errors outside of every check are numbered anew, at the end. */
function casesOf(shards: readonly Shard[]): CaseReport[] {
  const all = shards.flatMap(({ subfolder, report }) => report.cases.map((one) => withEvidenceIn(subfolder, one)));
  const [strays = [], checks = []] = [true, false].map((stray) =>
    all.filter(({ id }) => id.startsWith(strayPrefix) === stray),
  );
  const numbered = strays.map((one, index) => {
    const id = `${strayPrefix}${index + 1}`;
    return { ...one, id, name: id.slice(one.suite.length + 1) };
  });
  return [...checks.toSorted((a, b) => (a.id < b.id ? -1 : 1)), ...numbered];
}

function withEvidenceIn(folder: string, one: CaseReport): CaseReport {
  const tries = one.tries.map((each) => ({ ...each, attachments: movedTo(folder, each.attachments) }));
  return { ...one, tries, attachments: movedTo(folder, one.attachments) };
}

function movedTo(folder: string, paths: readonly string[]): string[] {
  return paths.map((path) => `${folder}/${path}`);
}

function interruptionOf(shards: readonly Shard[]): string | undefined {
  const told = shards.flatMap(({ name, report }) => {
    const reason = report.interruption ?? (report.finished ? undefined : "the run has not ended");
    return reason === undefined ? [] : `${name}: ${reason}`;
  });
  return told.length === 0 ? undefined : told.join("; ");
}

/** What is the same stays, what differs between machines is told of all of them. */
function mergedHost(host: RunReport["host"], other: RunReport["host"]): RunReport["host"] {
  const names = unique([...Object.keys(host), ...Object.keys(other)]);
  return Object.fromEntries(
    names.map((name) => {
      const values = unique([host[name], other[name]].filter((value) => value !== undefined));
      return [name, values.length === 1 ? (values[0] ?? "") : values.join(" and ")];
    }),
  );
}

/** Of what was asked for all of it; an empty list asks for everything. */
function selectionOf(reports: readonly RunReport[]): RunReport["selection"] {
  const names = unique(reports.flatMap(({ selection }) => Object.keys(selection))).filter((name) => name !== "shard");
  return Object.fromEntries(
    names.map((name) => {
      const lists = reports.map(({ selection }) => selection[name] ?? []);
      return [name, lists.some((list) => list.length === 0) ? [] : unique(lists.flat())];
    }),
  );
}

/** What one of the clusters lacks is not shown by the run. */
function capabilitiesOf(shards: readonly Shard[]): RunReport["capabilities"] {
  const capabilities: Record<string, true | string> = {};
  for (const { name, report } of shards) {
    for (const [capability, state] of Object.entries(report.capabilities)) {
      const before = capabilities[capability] ?? true;
      if (before !== true) continue;
      capabilities[capability] = state === true ? true : `${name}: ${state}`;
    }
  }
  return capabilities;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
