import { type Finding, findingGroups } from "../clusters/finding.ts";
import type { DoctorReport } from "./doctor-report.ts";

/** A report for a person: what is fine by group, then what is limited, and last, where eyes are, what is missing. */
export function doctorText({ provider, nodes, counts, runDoes, findings }: DoctorReport): string {
  const width = Math.max(0, ...findings.map(({ name }) => name.length));
  const section = (title: string, members: readonly Finding[]) =>
    members.length === 0 ? [] : [title, ...members.flatMap((finding) => lines(finding, width))];
  const of = (level: Finding["level"]) => findings.filter((finding) => finding.level === level);
  return [
    ...findingGroups.flatMap((group) =>
      section(
        group,
        of("fine").filter((finding) => finding.group === group),
      ),
    ),
    ...section("LIMITED: a run works, but slower, or without something", of("limited")),
    ...section("MISSING: a run does not work before this is mended", of("missing")),
    "",
    `${counts.missing} missing, ${counts.limited} limited, ${counts.fine} fine for provider \`${provider}\` with ${nodes === 1 ? "one node" : `${nodes} nodes`}`,
    runDoes.length === 0
      ? "`scripts/vmesh run` has nothing to set up on this machine first."
      : `\`scripts/vmesh run\`${counts.missing > 0 ? ", once nothing is missing," : ""} by itself ${listed(runDoes)}.`,
  ].join("\n");
}

/** Some findings, as the evidence of an error or a warning. */
export function findingsInWords(findings: readonly Finding[]): string {
  return findings
    .map(({ name, detail, mend }) => `${name}: ${detail}${mend ? `\n    to mend it: ${mend}` : ""}`)
    .join("\n");
}

function lines({ name, detail, mend }: Finding, width: number): string[] {
  const title = `  ${name.padEnd(width)}  `;
  return [`${title}${detail}`, ...(mend === undefined ? [] : [`${" ".repeat(title.length)}to mend it: ${mend}`])];
}

function listed(words: readonly string[]): string {
  return words.length <= 1 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
