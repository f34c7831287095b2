import { failureInWords } from "./failure.ts";
import { cell, commandBlock } from "./markdown-text.ts";
import { type CaseOutcome, type CaseReport, countsOf, type Profile, type RunReport, stageName } from "./model.ts";
import { selectedInWords } from "./selected.ts";

/** Bytes that the line about rows left out may take. */
const noteRoom = 200;

const outcomes = ["passed", "flaky", "failed", "error", "skipped"] as const satisfies readonly CaseOutcome[];

/**
 * The run as a page of Markdown: verdict, versions, counts, how to repeat it, and every stage and check that did not
 * simply pass, the gravest first. Rows that do not fit into `limit` bytes are counted; `undefined` if the rest does
 * not fit either.
 */
export function markdown(report: RunReport, limit = Number.POSITIVE_INFINITY): string | undefined {
  const head = headOf(report);
  const rows = [...stageRows(report), ...caseRows(report)];
  if (rows.length === 0) return bytes(head) <= limit ? head : undefined;
  const table = `${head}\n| what | ended | why |\n| --- | --- | --- |\n`;
  let room = limit - bytes(table) - noteRoom;
  if (room < 0) return undefined;
  const fitting = rows.filter((row) => (room -= bytes(row)) >= 0);
  const left = rows.length - fitting.length;
  const note = left > 0 ? `\n${left} more rows are in \`report.json\`, for which there is no room here.\n` : "";
  return `${table}${fitting.join("")}${note}`;
}

function headOf(report: RunReport): string {
  const { verdict, exitCode, seconds, runId, provider, nodes, seed, interruption, versions } = report;
  const { passed, failed, skipped } = countsOf(report);
  const versionList = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const part = selectedInWords(report);
  const facts = [
    `run ${runId}`,
    `provider ${provider}`,
    `${nodes} ${nodes === 1 ? "node" : "nodes"}`,
    `seed ${seed}`,
    `${seconds.toFixed(0)} s`,
    `exit code ${exitCode}`,
  ];
  const paragraphs = [
    `## vmesh: ${verdict}`,
    `**${passed} passed, ${failed} failed, ${skipped} skipped**${part === undefined ? "" : ` (${part})`}; ${cell(facts.join(", "))}`,
    ...(interruption === undefined ? [] : [cell(interruption)]),
    ...(versionList.length > 0 ? [`Versions: ${cell(versionList.join(", "))}`] : []),
    countsTable(report),
    `To repeat it:\n\n${commandBlock(report.reproduce)}`,
  ];
  return `${paragraphs.join("\n\n")}\n`;
}

function countsTable({ cases }: RunReport): string {
  const line = (profile: Profile) => {
    const ofProfile = cases.filter((one) => one.profile === profile);
    return [profile, ...outcomes.map((outcome) => ofProfile.filter((one) => one.outcome === outcome).length)];
  };
  const lines = [["profile", ...outcomes], ["---", ...outcomes.map(() => "---:")], line("core"), line("extended")];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function stageRows({ stages }: RunReport): string[] {
  const broken = stages.filter(({ outcome }) => outcome !== "passed");
  return broken.map((stage) => row(`stage ${stageName(stage)}`, stage.outcome, stage.error?.message));
}

function caseRows({ cases }: RunReport): string[] {
  const gravest = ["failed", "error", "flaky", "skipped"] as const satisfies readonly CaseOutcome[];
  return gravest.flatMap((outcome) => cases.filter((one) => one.outcome === outcome).map(caseRow));
}

function caseRow({ id, title, outcome, reason, failure }: CaseReport): string {
  return row(`\`${id}\`\n${title}`, outcome, reason ?? (failure && failureInWords(failure)));
}

function row(what: string, ended: string, why = ""): string {
  return `| ${cell(what)} | ${ended} | ${cell(why, 2_000)} |\n`;
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
