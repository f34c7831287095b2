import type { CheckEntry } from "../lib/check.ts";
import type { Log } from "../lib/log.ts";
import type { EndedCase } from "../reports/journal.ts";
import type { RunReport, StageReport } from "../reports/model.ts";
import { annotations } from "../reports/github.ts";
import { liveConsole } from "./console/live.ts";
import type { Terminal } from "./console/painter.ts";
import { plainConsole } from "./console/plain.ts";
import { appendSummary } from "./console/step-summary.ts";

export { countsLine } from "./console/words.ts";

type Variables = Readonly<Record<string, string | undefined>>;
type Stage = Pick<StageReport, "title" | "phase">;

/** Where in a run a check is tried. */
export interface Place {
  /** In words, empty if it is the only one. */
  round: string;
  /** Of the round's checks, with this one if it has. */
  ended: number;
  checks: number;
}

/** What a person sees of a run while it runs. */
export interface Console {
  /** What is told here belongs to the stage under way. */
  readonly log: Log;
  stageBegan(stage: Stage): void;
  stageEnded(stage: StageReport): void;
  checkBegan(id: string, place: Place): void;
  checkEnded(result: EndedCase, place: Place): void;
  /** The end of the run: what is red once more, the verdict, where the report is. */
  report(report: RunReport, folder: string, checks: readonly Pick<CheckEntry, "id" | "file">[]): void;
  /** Leaves the terminal as it was found. May be called twice. */
  close(): void;
}

export interface ConsoleOptions {
  /** Plain lines, and more of them. */
  verbose?: boolean;
  environment?: Variables;
  stream?: Terminal & { isTTY?: boolean };
}

/**
 * Live lines on a terminal, plain ones everywhere else, on stderr either way. In CI they begin with the time of day;
 * GitHub gets groups, annotations and a step summary, too.
 */
export function openConsole(options: ConsoleOptions = {}): Console {
  const { verbose = false, environment = process.env, stream = process.stderr } = options;
  const github = environment["GITHUB_ACTIONS"] === "true";
  const ci = github || isSet(environment["CI"]);
  const live = stream.isTTY === true && !verbose && !ci && environment["TERM"] !== "dumb";
  const write = (line: string) => void stream.write(line);
  const shown = live
    ? liveConsole(stream, environment)
    : plainConsole({ write, verbose, timestamps: ci, groups: github });

  return {
    ...shown,
    report(report, folder, checks) {
      shown.report(report, folder, checks);
      const workspace = environment["GITHUB_WORKSPACE"] ?? process.cwd();
      const files = new Map(checks.map(({ id, file }) => [id, file]));
      if (github) for (const line of annotations(report, { workspace, files })) write(`${line}\n`);
      const complaint = appendSummary(report, environment["GITHUB_STEP_SUMMARY"]);
      if (complaint !== undefined) shown.log.warn(complaint);
    },
  };
}

function isSet(value: string | undefined): boolean {
  return !["", "0", "false"].includes(value ?? "");
}
