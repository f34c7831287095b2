import { usageError } from "../lib/errors.ts";
import { oddities } from "./alike.ts";
import { type Fact, sameFacts } from "./facts.ts";
import type { RunReport } from "./model.ts";

/** A part of a run, as it is called in the merged report. */
export interface Shard {
  /** `shard 2/3`, or by its place, `shard 2`, where the run was not cut by `--shard`. */
  name: string;
  /** Where its evidence is, inside the merged report's folder. */
  subfolder: string;
  report: RunReport;
}

/**
 * Names and orders the shards of one run. Throws a usage error if they are no shards of one run: made of different
 * things, in different orders, judged differently, cut differently, or if one is there twice or not at all.
 */
export function shardsOf<T extends { report: RunReport }>(runs: readonly T[]): (T & Shard)[] {
  const cut = runs.map((run) => ({ run, ...cutOf(run.report) }));
  demandWhole(cut.map(({ run, part, count }) => ({ runId: run.report.runId, part, count })));
  const shards = cut
    .toSorted((a, b) => (a.part ?? 0) - (b.part ?? 0))
    .map(({ run, part, count }, index) => {
      const number = part ?? index + 1;
      const name = count === undefined ? `shard ${number}` : `shard ${number}/${count}`;
      return { ...run, name, subfolder: `shard-${number}` };
    });
  const odd = oddities(shards, commonFacts);
  if (odd.length === 0) return shards;
  throw usageError("The runs are no shards of one run: they differ in what must be the same.", {
    evidence: odd.join("\n"),
    hint: "`scripts/vmesh diff` compares runs of different things",
  });
}

interface Cut {
  part?: number | undefined;
  count?: number | undefined;
}

function cutOf({ runId, selection }: RunReport): Cut {
  const text = selection["shard"]?.[0];
  if (text === undefined) return {};
  const [part = 0, count = 0] = /^\d+\/\d+$/.test(text) ? text.split("/").map(Number) : [];
  if (part >= 1 && part <= count) return { part, count };
  throw usageError(`The run \`${runId}\` is the shard \`${text}\`, expected one like \`2/3\`.`);
}

function demandWhole(runs: readonly ({ runId: string } & Cut)[]): void {
  const ids = runs.map(({ runId }) => runId);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw usageError(`The run \`${twice}\` is given twice.`);
  const evidence = runs
    .map(({ runId, part, count }) => `${runId}: ${count ? `${part}/${count}` : "no shard"}`)
    .join("\n");
  const counts = new Set(runs.map(({ count }) => count));
  if (counts.size > 1) throw usageError("The runs were not cut into the same number of shards.", { evidence });
  const [count = 0] = counts;
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const timesOf = (number: number) => runs.filter(({ part }) => part === number).length;
  const [missing, repeated] = [numbers.filter((one) => timesOf(one) === 0), numbers.filter((one) => timesOf(one) > 1)];
  const faults = [
    ...missing.map((number) => `${number}/${count} is missing`),
    ...repeated.map((number) => `${number}/${count} is there ${timesOf(number)} times`),
  ];
  if (faults.length === 0) return;
  throw usageError(`The shards are not whole: ${faults.join(", ")}.`, {
    evidence,
    hint: "give each shard once; of one that was run again only the run that counts",
  });
}

/** What decides how a check ends, in which order they run, and what the whole comes to. */
function commonFacts(report: RunReport): Fact[] {
  const { seed, requireAll, failOnFlaky } = report;
  return [
    ...sameFacts(report),
    { name: "seed", value: String(seed) },
    { name: "--require-all", value: requireAll ? "given" : "not given" },
    { name: "--fail-on-flaky", value: failOnFlaky ? "given" : "not given" },
  ];
}
