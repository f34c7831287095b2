/** Progress for a person at a terminal or in a CI log: one line per fact, never a cursor trick. */
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

/** Where lines go (default stderr, so that stdout stays free for `--json`), and whether `debug` shows. */
export interface LogOptions {
  write?: (line: string) => void;
  verbose?: boolean;
}

export function createLog(options: LogOptions = {}): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  return scopedLog([], write, options.verbose ?? false);
}

function scopedLog(names: readonly string[], write: (line: string) => void, verbose: boolean): Log {
  const started = performance.now();
  const prefix = names.length > 0 ? `[${names.join(" ")}] ` : "";
  const print = (text: string) => {
    for (const line of text.trimEnd().split("\n")) write(`${prefix}${line}\n`);
  };
  return {
    info: print,
    warn: (text) => print(`warning: ${text}`),
    debug: (text) => {
      if (verbose) print(text);
    },
    step: (done, total, text) => {
      const seconds = Math.round((performance.now() - started) / 1000);
      print(`${done}/${total} ${text} (${seconds} s)`);
    },
    scope: (name) => scopedLog([...names, name], write, verbose),
  };
}
