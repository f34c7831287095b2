import { stripVTControlCharacters } from "node:util";
import { describeError } from "../lib/errors.ts";
import type { Failure } from "./model.ts";

/** Whatever was thrown as a report holds it: plain data, no terminal colours, the whole chain of causes. */
export function failureOf(error: unknown): Failure {
  const { name, stack, expected, actual } = (error ?? {}) as Record<string, unknown>;
  return {
    type: typeof name === "string" ? name : "Error",
    message: stripVTControlCharacters(messageOf(error)),
    stack: typeof stack === "string" ? framesOf(stripVTControlCharacters(stack)) : undefined,
    expected: textOf(expected),
    actual: textOf(actual),
  };
}

/**
 * What was expected and what came, as a reader is shown it. Texts that only white space tells apart are quoted, so that
 * it is seen.
 */
export function judgedOf({ expected, actual }: Partial<Failure>): Pick<Failure, "expected" | "actual"> {
  const alike = expected !== undefined && actual !== undefined && spaced(expected) === spaced(actual);
  if (!alike || expected === actual) return { expected, actual };
  return { expected: quoted(expected), actual: quoted(actual) };
}

/** The message, and below it what was expected and what came. */
export function failureInWords(failure: Failure): string {
  const { expected, actual } = judgedOf(failure);
  const lines = [failure.message];
  if (expected !== undefined) lines.push(`expected: ${expected}`);
  if (actual !== undefined) lines.push(`got: ${actual}`);
  return lines.join("\n");
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** JSON leaves a space that does not break as it is. */
function quoted(text: string): string {
  const escaped = (space: string) => `\\u${space.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[^\S ]/g, escaped);
}

/** A stack begins with the message, which a report has already. */
function framesOf(stack: string): string | undefined {
  const start = stack.search(/^ +at /m);
  return start < 0 ? undefined : stack.slice(start);
}

/** Errors of another process arrive as plain objects with `message`, perhaps `evidence`, `hint` and `cause`. */
function messageOf(error: unknown): string {
  if (error instanceof Error || typeof error !== "object" || error === null) return describeError(error);
  const { message, evidence, hint, cause } = error as Record<string, unknown>;
  const lines = [textOf(message) ?? JSON.stringify(error)];
  if (typeof evidence === "string") lines.push(evidence.trimEnd().replace(/^/gm, "  | "));
  if (typeof hint === "string") lines.push(`To mend it: ${hint}`);
  if (cause) lines.push(`Caused by: ${messageOf(cause)}`);
  return lines.join("\n");
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return stripVTControlCharacters(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
}
