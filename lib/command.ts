import { existsSync } from "node:fs";
import { execa } from "execa";
import { environmentError, interruptedError } from "./errors.ts";
import { timeouts } from "./timeouts.ts";

export interface CommandOptions {
  /** Ends the command and all its descendants. */
  signal?: AbortSignal | undefined;
  timeoutMs: number;
  /** Text for standard input; without it, and without a file for it, the command has none. */
  input?: string;
  /** File for standard input. */
  inputFile?: string;
  /** Added to this process's own variables. */
  env?: Record<string, string>;
  cwd?: string;
  /** Return a non-zero exit code instead of throwing. */
  allowFailure?: boolean;
  /** File that gets all output appended as it comes. */
  outputFile?: string;
  /** Also ends, on Linux, when this process is killed: for what runs for minutes. */
  diesWithParent?: boolean;
  /** Gets every line of standard error as it comes. */
  onLine?: (line: string) => void;
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/**
 * Runs a program without a shell. At a timeout or abort its whole process group gets SIGTERM, then SIGKILL.
 * Throws an environment error that names the command and how it ended, with the last 20 lines it printed as evidence,
 * and an interrupted error when `signal` aborts.
 */
export async function run(tool: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { signal, timeoutMs, input, inputFile, env, cwd, outputFile } = options;
  const onLine = options.onLine;
  const output = outputFile ? (["pipe", { file: outputFile, append: true }] as const) : (["pipe"] as const);
  const [program, ...words] = options.diesWithParent ? boundToParent(tool, args) : [tool, ...args];
  const result = await execa(program, words, {
    timeout: timeoutMs,
    killDescendants: true,
    forceKillAfterDelay: timeouts.commandGrace,
    stdout: output,
    stderr: onLine ? ([...output, watchLines(onLine)] as const) : output,
    all: true,
    reject: false,
    ...standardInput(input, inputFile),
    ...(signal && { cancelSignal: signal }),
    ...(env && { env }),
    ...(cwd && { cwd }),
  });
  const { stdout, stderr, exitCode } = result;
  if (!result.failed) return { stdout, stderr, exitCode: 0 };

  const command = `\`${[tool, ...args].join(" ")}\``;
  const detail = { evidence: lastLines(result.all ?? "", 20), cause: result.cause };
  if (result.isCanceled) throw interruptedError(`${command} was interrupted.`, detail);
  if (result.timedOut) throw environmentError(`${command} did not end within ${timeoutMs / 1000} s.`, detail);
  if (result.isTerminated) throw environmentError(`${command} was ended by ${result.signal}.`, detail);
  if (exitCode === undefined) {
    const hint = result.code === "ENOENT" ? { hint: `install \`${tool}\`, or put it in PATH` } : {};
    throw environmentError(`${command} cannot be started: ${result.originalMessage}.`, { ...detail, ...hint });
  }
  if (options.allowFailure) return { stdout, stderr, exitCode };
  throw environmentError(`${command} ended with exit code ${exitCode}, expected 0.`, detail);
}

/** util-linux' `setpriv` asks the kernel for a signal at the parent's end, which survives the exec that follows. */
function boundToParent(tool: string, args: readonly string[]): [string, ...string[]] {
  if (!existsSync("/usr/bin/setpriv")) return [tool, ...args];
  return ["setpriv", "--pdeathsig", "TERM", "--", tool, ...args];
}

function standardInput(input: string | undefined, inputFile: string | undefined) {
  if (inputFile !== undefined) return { inputFile };
  return input === undefined ? { stdin: "ignore" as const } : { input };
}

/** A transform of execa that shows each line to `onLine` and passes it on. */
function watchLines(onLine: (line: string) => void) {
  return function* (line: unknown) {
    onLine(String(line));
    yield line;
  };
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
