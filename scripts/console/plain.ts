import { linesOf, logTo, type Told } from "../../lib/log.ts";
import type { Console } from "../console.ts";
import { newGroups } from "./groups.ts";
import { stageName } from "../../reports/model.ts";
import { beginCheck, beginStage, endCheck, endStage, newProgress, underWay } from "./progress.ts";
import { caseLines, reportLines, stageLines } from "./words.ts";

/** How plain lines are written. */
export interface PlainOptions {
  write(line: string): void;
  verbose: boolean;
  /** Every line begins with the time of day. */
  timestamps: boolean;
  /** The lines of a stage are one group of a GitHub log. */
  groups: boolean;
}

/** The run as plain lines, one for each fact; on SIGQUIT also what is under way. */
export function plainConsole({ write, verbose, timestamps, groups: grouped }: PlainOptions): Console {
  const progress = newProgress();
  const now = () => performance.now();
  const groups = newGroups(grouped ? write : undefined);
  const print = (lines: readonly string[]) => {
    // In UTC, as in the journal, the events and the logs that a reader compares them with.
    const stamp = timestamps ? `${new Date().toISOString().slice(11, 19)}Z ` : "";
    for (const line of lines) write(`${stamp}${groups.harmless(line)}\n`);
  };
  const tell = (told: Told) => {
    if (told.kind === "debug" && !verbose) return;
    // A warning in a group that is folded would be seen by nobody.
    if (told.kind === "warn") groups.close();
    else groups.open();
    print(linesOf(told));
  };
  const log = logTo(tell);
  const onQuit = () => print(underWay(progress, now()));
  process.on("SIGQUIT", onQuit);

  return {
    log,
    stageBegan(stage) {
      beginStage(progress, stage, now());
      groups.begin(`stage ${stageName(stage)}`);
      log.debug(`stage ${stageName(stage)} begins`);
    },
    stageEnded(stage) {
      endStage(progress, stage);
      groups.end();
      const text = stageLines(stage).join("\n");
      if (stage.outcome === "passed") log.info(text);
      else log.warn(text);
    },
    checkBegan(id, place) {
      beginCheck(progress, id, place, now());
      groups.end();
      log.debug(`start ${id}`);
    },
    checkEnded(result, place) {
      endCheck(progress, result, place);
      groups.end();
      const { round, ended, checks } = place;
      const scoped = log.scope(`${round && `${round}: `}${ended}/${checks}`);
      scoped.info(caseLines(result).join("\n"));
    },
    report(report, folder) {
      log.info(reportLines(report, folder).join("\n"));
    },
    close: () => void process.off("SIGQUIT", onQuit),
  };
}
