import { stripVTControlCharacters } from "node:util";
import { createLogUpdate } from "log-update";
import type { Size } from "./tree.ts";

/** Milliseconds between two pictures. */
const intervalMs = 200;

const hideCursor = "\u001B[?25l";
const showCursor = "\u001B[?25h";
/** Between these a terminal that knows them shows nothing half done. */
const [beginUpdate, endUpdate] = ["\u001B[?2026h", "\u001B[?2026l"];
const eraseLineAbove = "\u001B[1A\u001B[2K";

/** What a painter needs of `process.stderr`. */
export interface Terminal {
  write(text: string): unknown;
  columns?: number;
  rows?: number;
}

/** Keeps lines at the bottom of a terminal up to date. */
export interface Painter {
  /** Prints lines that stay, above the live ones: with the next picture, at once where none is painted. */
  print(lines: readonly string[]): void;
  /** Hides the cursor and paints, until `stop` removes the live lines and shows the cursor. */
  start(): void;
  stop(): void;
}

/**
 * Paints what `picture` returns, whose lines must fit, five times a second as long as something else keeps the process
 * alive.
 */
export function newPainter(terminal: Terminal, picture: (size: Size) => readonly string[]): Painter {
  let output = "";
  let printed: string[] = [];
  let shown: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const collector = {
    write: (text: string) => (output += text),
    get columns() {
      return sizeOf(terminal).columns;
    },
    get rows() {
      return sizeOf(terminal).rows;
    },
  };
  const update = createLogUpdate(collector as unknown as NodeJS.WritableStream, { showCursor: true });

  const erase = ({ columns }: Size) => {
    update.clear();
    // A terminal that became narrower has wrapped the lines that no longer fit, which takes more rows.
    const rows = (line: string) => Math.ceil(stripVTControlCharacters(line).length / columns);
    output += eraseLineAbove.repeat(shown.reduce((sum, line) => sum + Math.max(0, rows(line) - 1), 0));
    shown = [];
  };
  const flush = () => {
    if (output !== "") terminal.write(`${beginUpdate}${output}${endUpdate}`);
    output = "";
  };
  const paint = () => {
    const size = sizeOf(terminal);
    const narrower = shown.some((line) => stripVTControlCharacters(line).length > size.columns);
    const next = picture(size);
    if (printed.length > 0 || narrower || next.length === 0) erase(size);
    output += printed.map((line) => `${line}\n`).join("");
    printed = [];
    if (next.length > 0) update(next.join("\n"));
    shown = next;
    flush();
  };
  return {
    print(lines) {
      if (timer) printed.push(...lines);
      else if (lines.length > 0) terminal.write(lines.map((line) => `${line}\n`).join(""));
    },
    start() {
      if (timer) return;
      output += hideCursor;
      timer = setInterval(paint, intervalMs).unref();
      paint();
    },
    stop() {
      if (!timer) return;
      clearInterval(timer);
      timer = undefined;
      erase(sizeOf(terminal));
      output += `${printed.map((line) => `${line}\n`).join("")}${showCursor}`;
      printed = [];
      flush();
    },
  };
}

/** A pseudo-terminal that nobody gave a size has none. */
function sizeOf(terminal: Terminal): Size {
  return { columns: terminal.columns || 80, rows: terminal.rows || 24 };
}
