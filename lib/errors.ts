/** Why a run or a command ends, as the process exit code documented in the README. */
export const exitCodes = {
  conformant: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  interrupted: 4,
  partial: 5,
} as const;

/** What kind of fault an error is; it decides the exit code and whether a report says `error`. */
export type ErrorKind = "usage" | "environment" | "interrupted";

/** Everything an error may carry beside its sentence. */
export interface HarnessErrorOptions {
  /** What a user can do about it. */
  hint?: string;
  /** What was last seen, verbatim: command output, an API answer. */
  evidence?: string;
  cause?: unknown;
}

/** An error of the harness: a sentence with what was wrong and what was expected, its kind, and a mend. */
export class HarnessError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly evidence: string | undefined;

  constructor(kind: ErrorKind, message: string, options: HarnessErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HarnessError";
    this.kind = kind;
    this.hint = options.hint;
    this.evidence = options.evidence;
  }
}

/** The user asked for something that does not exist or does not fit together (exit code 2). */
export function usageError(message: string, options?: HarnessErrorOptions): HarnessError {
  return new HarnessError("usage", message, options);
}

/** The machine, cluster or a component is not as it must be (exit code 3). */
export function environmentError(message: string, options?: HarnessErrorOptions): HarnessError {
  return new HarnessError("environment", message, options);
}

/** A signal or deadline ended the work (exit code 4). */
export function interruptedError(message: string, options?: HarnessErrorOptions): HarnessError {
  return new HarnessError("interrupted", message, options);
}

/** The exit code of whatever was thrown; an unknown error is the environment's fault. */
export function exitCodeOf(error: unknown): number {
  return error instanceof HarnessError ? exitCodes[error.kind] : exitCodes.environment;
}

/** An error as a user reads it: sentence, evidence, mend; causes follow in order. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = [error.message];
  if (error instanceof HarnessError) {
    if (error.evidence) lines.push(error.evidence.trimEnd().replace(/^/gm, "  | "));
    if (error.hint) lines.push(`To mend it: ${error.hint}`);
  }
  if (error.cause !== undefined) lines.push(`Caused by: ${describeError(error.cause)}`);
  return lines.join("\n");
}
