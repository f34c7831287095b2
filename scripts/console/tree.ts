import cliTruncate from "cli-truncate";
import { checksInWords, type Progress } from "./progress.ts";
import type { Style } from "./style.ts";

/** Of a terminal, in characters. */
export interface Size {
  columns: number;
  rows: number;
}

/** Lines below the stage under way, at most; there are never more checks at a time than 16. */
const mostBelow = 16;

/**
 * The run as lines that fit: stages that have ended, the one under way, and below it its checks or last lines. Where
 * rows are few, ended stages share one line first, then what is below is cut. One row stays free for the cursor.
 */
export function treeLines(progress: Progress, now: number, { columns, rows }: Size, style: Style): string[] {
  const room = Math.max(1, rows - 1);
  const current = currentLine(progress, now, style);
  const reserved = current.length + (progress.ended.length > 0 && room > 2 ? 1 : 0);
  const below = linesBelow(progress, now, Math.min(mostBelow, room - reserved), style);
  const above = endedLines(progress, room - current.length - below.length, style);
  return [...above, ...current, ...below].map((line) => cliTruncate(line, Math.max(1, columns - 1)));
}

/** A duration for a glance: `1.3 s`, `42 s`, `4 min 2 s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 100 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function currentLine({ current, ...progress }: Progress, now: number, style: Style): string[] {
  if (!current) return [];
  const checks = current.place ? `, ${checksInWords(current.place, progress).replace(/\d+ red/, style.red)}` : "";
  return [`${style.bold(`● ${current.name}`)} ${running(current.since, now)}${checks}`];
}

/** The checks under way, the longest first, then the last lines that were told. */
function linesBelow({ current, running: checks }: Progress, now: number, room: number, style: Style): string[] {
  const told = (current?.lines ?? []).map(({ text }) => style.dim(`  ${text}`));
  const all = [...checks].map(([name, since]) => `  ${name} ${style.dim(running(since, now))}`);
  const shown = all.length <= room ? all : all.slice(0, Math.max(0, room - 1));
  const rest = all.length - shown.length;
  const more = rest > 0 && room > 0 ? [style.dim(`  and ${rest} more`)] : [];
  const left = Math.max(0, room - shown.length - more.length);
  return [...shown, ...more, ...told.slice(Math.max(0, told.length - left))];
}

/** Whole seconds, as they change while one looks. */
function running(since: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  return seconds < 100 ? `${seconds} s` : duration(seconds);
}

function endedLines({ ended }: Progress, room: number, style: Style): string[] {
  const marks = { passed: style.green("✓"), failed: style.red("✗"), interrupted: style.yellow("✗") };
  const lines = ended.map(({ name, outcome, seconds, checks }) => {
    const extra = checks === undefined ? "" : `, ${checks}`;
    return `${marks[outcome]} ${name} ${style.dim(`${duration(seconds)}${extra}`)}`;
  });
  if (lines.length <= room) return lines;
  return room < 1 ? [] : [lines.join("  ")];
}
