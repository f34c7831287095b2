import type { CheckChange, Ends } from "../reports/diff-checks.ts";
import type { NumberChange } from "../reports/diff-numbers.ts";
import type { Diff, Side } from "../reports/diff.ts";
import type { Spread } from "../reports/spread.ts";

/** Lines of one list that a console shows; `--json` has all. */
const limit = 20;

/** A comparison for a console: first whether it got worse, then what is not as before, graver things first. */
export function diffTable(diff: Diff): string {
  const { checks, numbers } = diff;
  const [ofRun = [], listed = []] = [true, false].map((own) => numbers.filter((one) => isOfRun(one) === own));
  const be = (...tendencies: NumberChange["tendency"][]) =>
    listed.filter(({ tendency }) => tendencies.includes(tendency)).toSorted((a, b) => ratioOf(b) - ratioOf(a));
  const blocks = [
    headline(diff),
    sidesTable(diff),
    checkList("Got worse", checks.worse),
    checkList("Gone", checks.gone),
    checkList("Changed, neither better nor worse", checks.other),
    checkList("New", checks.added),
    checkList("Got better", checks.better),
    runTable(ofRun),
    numberList("Slower", be("slower")),
    numberList("Faster", be("faster").toReversed()),
    numberList("Other numbers that changed", be("higher", "lower")),
    closing(diff),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** Its stages are listed among the checks, if something is to be said of them. */
function isOfRun({ of, what }: NumberChange): boolean {
  return of === "run" && !what.startsWith("stage ");
}

function headline({ worse, reasons, before, checks, numbers }: Diff): string {
  const slower = numbers.filter(({ tendency }) => tendency === "slower").length;
  const speed = slower === 0 ? "nothing is slower" : `${slower} of ${numbers.length} numbers are slower`;
  const told = [
    [checks.better.length, "got better"],
    [checks.added.length, "new"],
    [checks.gone.length, "gone (extended)"],
    [checks.other.length, "otherwise changed"],
    [checks.unchanged, "unchanged"],
  ].flatMap(([count, words]) => (count === 0 ? [] : `${count} ${words}`));
  const known = reasons.some((reason) => reason.endsWith("slower"));
  const first = worse
    ? `WORSE: ${reasons.join(", ")}${known ? "" : `; ${speed}`}.`
    : `No worse. Checks: ${told.join(", ") || "none"}; ${speed}.`;
  if (before.verdict !== "error" && before.verdict !== "interrupted") return first;
  return `${first}\nA ended as ${before.verdict}, so it says little about how good it was before.`;
}

function sidesTable({ before, after, facts }: Diff): string {
  const rows = [
    ["", "A", "B"],
    ["runs", runsOf(before), runsOf(after)],
    ["verdict", verdictOf(before), verdictOf(after)],
    ...facts.map(({ name, before: old = "-", after: now = "-" }) => [name, cut(old, 50), cut(now, 50)]),
  ];
  return columns(rows).join("\n");
}

function runsOf({ runs }: Side): string {
  const [first] = runs;
  return runs.length === 1 && first ? first.runId : `${runs.length}, the first ${first?.runId}`;
}

function verdictOf({ verdict, runs }: Side): string {
  const same = runs.filter((run) => run.verdict === verdict).length;
  if (runs.some(({ finished }) => !finished)) return `${verdict} (has not ended)`;
  return runs.length === 1 ? verdict : `${verdict} (${same} of ${runs.length})`;
}

function checkList(title: string, changes: readonly CheckChange[]): string {
  if (changes.length === 0) return "";
  const core = changes.toSorted((a, b) => a.profile.localeCompare(b.profile));
  const rows = core.slice(0, limit).map(({ id, profile, before, after, reason = "" }) => {
    const change = [before, after].flatMap((ends) => (ends ? endsInWords(ends) : [])).join(" → ");
    return [`  ${id}`, profile, change, cut(reason, 100)];
  });
  return [`${title}: ${changes.length}`, ...columns(rows), ...rest(changes)].join("\n");
}

function endsInWords({ outcome, times, of }: Ends): string {
  return times === of ? outcome : `${outcome} ${times} of ${of}`;
}

function runTable(numbers: readonly NumberChange[]): string {
  if (numbers.length === 0) return "";
  const rows = numbers.map((one) => [`  ${one.what}`, ...figures(one), one.tendency === "same" ? "" : one.tendency]);
  return ["The run", ...columns([["", "A", "B", "", ""], ...rows])].join("\n");
}

function numberList(title: string, numbers: readonly NumberChange[]): string {
  if (numbers.length === 0) return "";
  const rows = numbers.slice(0, limit).map((one) => [`  ${one.of}`, cut(one.what, 56), ...figures(one)]);
  return [`${title}: ${numbers.length}`, ...columns(rows), ...rest(numbers)].join("\n");
}

function figures({ before, after, unit }: NumberChange): string[] {
  const change = before.median === 0 ? "" : percent((after.median - before.median) / before.median);
  return [inUnit(before, unit), inUnit(after, unit), change];
}

/** The median, and where there are several samples the least and the most of them. */
function inUnit(spread: Spread, unit: NumberChange["unit"]): string {
  const inSeconds = unit === "ms" && spread.median >= 1000;
  const number = (value: number) => shortNumber(inSeconds ? value / 1000 : value);
  const { median, min, max, samples } = spread;
  const figure = `${number(median)} ${inSeconds ? "s" : unit}`.trimEnd();
  return samples === 1 ? figure : `${figure} (${number(min)}–${number(max)}, n=${samples})`;
}

function shortNumber(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function percent(part: number): string {
  if (Math.abs(part) < 0.005) return "±0 %";
  return `${part < 0 ? "−" : "+"}${Math.abs(part * 100).toFixed(0)} %`;
}

function ratioOf({ before, after }: NumberChange): number {
  return after.median / before.median;
}

function closing({ numbers, thresholds, checks }: Diff): string {
  const lone = numbers.filter(({ before }) => before.samples === 1).length;
  const part = (value: number) => `${Number((value * 100).toFixed(1))} %`;
  const [first, ...lines] = [
    `Numbers compared: ${numbers.length}; slower or faster is what lies beyond the spread of A`,
    `by more than ${part(thresholds.spread)}, and by more than 1 s, for latencies 5 ms.`,
    ...(lone === 0
      ? []
      : [`One sample in A, so that the spread is unknown: ${lone}; there by more than ${part(thresholds.single)}.`]),
  ];
  return [`Checks that ended as before: ${checks.unchanged}. ${first}`, ...lines].join("\n");
}

function rest(list: readonly unknown[]): string[] {
  return list.length <= limit ? [] : [`  and ${list.length - limit} more; \`--json\` has them all`];
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
