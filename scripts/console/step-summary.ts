import { appendFileSync, statSync } from "node:fs";
import { describeError } from "../../lib/errors.ts";
import { markdown } from "../../reports/markdown.ts";
import type { RunReport } from "../../reports/model.ts";

/** GitHub shows nothing at all of a larger file, in bytes. */
const fileLimit = 1024 * 1024;

/**
 * Adds the run to the Markdown file that GitHub shows beside a step, if there is one; what the step has written there
 * before stays. Returns a warning if that cannot be done.
 */
export function appendSummary(report: RunReport, path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  try {
    const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const gap = before > 0 ? "\n\n" : "";
    const text = markdown(report, fileLimit - before - gap.length);
    if (text === undefined) return `The step summary \`${path}\` has ${before} bytes already, which leaves no room.`;
    appendFileSync(path, `${gap}${text}`);
    return undefined;
  } catch (error) {
    return `The step summary \`${path}\` cannot be written: ${describeError(error)}`;
  }
}
