/** Progress for a person at a terminal or in a CI log. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  /** Shown only by a verbose log. */
  debug(text: string): void;
  /** One line of progress, `[scope] 3/17 text (42 s)`: the time since this log's scope started. */
  step(done: number, total: number, text: string): void;
  /** A log whose lines begin with this name too, and whose clock starts now. */
  scope(name: string): Log;
}

/** One thing that was told, before it is shown. */
export interface Told {
  kind: "info" | "warn" | "debug" | "step";
  /** The scopes around it, outermost first. */
  names: readonly string[];
  text: string;
}

/** Where lines go (default stderr, so that stdout stays free for `--json`), and whether `debug` shows. */
export interface LogOptions {
  write?: (line: string) => void;
  verbose?: boolean;
}

/** A log of plain lines: one for each fact, never a cursor trick. */
export function createLog(options: LogOptions = {}): Log {
  const { write = (line: string) => void process.stderr.write(line), verbose = false } = options;
  return logTo((told) => {
    if (told.kind === "debug" && !verbose) return;
    for (const line of linesOf(told)) write(`${line}\n`);
  });
}

/** A log that shows nothing by itself: `hear` gets all that is told, `debug` as well. */
export function logTo(hear: (told: Told) => void): Log {
  return scopedLog([], hear);
}

/** What was told as lines, each with the names of its scopes. */
export function linesOf({ kind, names, text }: Told): string[] {
  const prefix = names.length > 0 ? `[${names.join(" ")}] ` : "";
  const words = kind === "warn" ? `warning: ${text}` : text;
  return words
    .trimEnd()
    .split("\n")
    .map((line) => `${prefix}${line}`);
}

function scopedLog(names: readonly string[], hear: (told: Told) => void): Log {
  const started = performance.now();
  const teller = (kind: Told["kind"]) => (text: string) => hear({ kind, names, text });
  const step = teller("step");
  return {
    info: teller("info"),
    warn: teller("warn"),
    debug: teller("debug"),
    step: (done, total, text) => {
      const seconds = Math.round((performance.now() - started) / 1000);
      step(`${done}/${total} ${text} (${seconds} s)`);
    },
    scope: (name) => scopedLog([...names, name], hear),
  };
}
