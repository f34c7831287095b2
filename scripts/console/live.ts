import { linesOf, logTo, type Told } from "../../lib/log.ts";
import type { Console } from "../console.ts";
import { newPainter, type Terminal } from "./painter.ts";
import { beginCheck, beginStage, endCheck, endStage, hear, newProgress } from "./progress.ts";
import { printable, styleFor } from "./style.ts";
import { treeLines } from "./tree.ts";
import { caseLines, reportLines, stageLines } from "./words.ts";

/**
 * The run as live lines at the bottom of a terminal; what is red, warnings and what the run itself says stay above
 * them. However the process ends, short of SIGKILL, they give way to the stages as they stand, and the cursor is shown.
 */
export function liveConsole(terminal: Terminal, environment: Readonly<Record<string, string | undefined>>): Console {
  const style = styleFor(environment);
  const progress = newProgress();
  const now = () => performance.now();
  let open = true;
  const painter = newPainter(terminal, (size) => (open ? treeLines(progress, now(), size, style) : []));
  const stay = (lines: readonly string[], paint: (line: string) => string = (line) => line) => {
    painter.print(lines.map((line) => paint(printable(line))));
  };
  const tell = (told: Told) => {
    if (told.kind === "debug") return;
    // What comes from a scope, a provider say, is how far its stage is.
    const passing = open && progress.current !== undefined && told.names.length > 0;
    if (told.kind === "warn") stay(linesOf(told), style.yellow);
    else if (passing) hear(progress, { ...told, text: printable(told.text) });
    else stay(linesOf(told));
  };
  const close = () => {
    if (!open) return;
    open = false;
    release();
    // All of it: what stays scrolls.
    const all = { columns: terminal.columns || 80, rows: Number.POSITIVE_INFINITY };
    painter.print(treeLines({ ...progress, running: new Map() }, now(), all, style));
    painter.stop();
  };
  const release = onProcess({
    exit: close,
    // Ctrl-\ at a terminal ends every program there, the ones this process has started included.
    SIGQUIT: () => {
      close();
      process.kill(process.pid, "SIGQUIT");
    },
    SIGTSTP: () => {
      painter.stop();
      process.kill(process.pid, "SIGSTOP");
    },
    SIGCONT: () => {
      if (progress.current) painter.start();
    },
  });

  return {
    log: logTo(tell),
    stageBegan(stage) {
      beginStage(progress, stage, now());
      if (open) painter.start();
    },
    stageEnded(stage) {
      if (stage.outcome !== "passed") {
        const [first = "", ...message] = stageLines(stage);
        stay(progress.current?.lines.map(({ text }) => text) ?? []);
        stay([first], style.red);
        stay(message);
      }
      endStage(progress, stage);
    },
    checkBegan: (id, place) => beginCheck(progress, id, place, now()),
    checkEnded(result, place) {
      endCheck(progress, result, place);
      const { outcome, attempt = 1 } = result;
      const [line = "", ...rest] = caseLines(result);
      const first = place.round === "" ? line : `[${place.round}] ${line}`;
      if (outcome === "failed" || outcome === "error") stay([first], style.red);
      else if (outcome === "passed" && attempt > 1) stay([first], style.yellow);
      else return;
      stay(rest);
    },
    report(report, folder) {
      close();
      const lines = reportLines(report, folder);
      const verdict = report.exitCode === 0 ? style.green : style.red;
      stay(lines.slice(0, -1));
      stay(lines.slice(-1), verdict);
    },
    close,
  };
}

/** Listens to the process; what it returns ends that. */
function onProcess(listeners: Partial<Record<"exit" | NodeJS.Signals, () => void>>): () => void {
  for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
  };
}
