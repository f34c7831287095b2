import { stripVTControlCharacters } from "node:util";

// XML 1.0, production 2: everything else is not a character and makes a document ill-formed.
const notCharacters = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Text that may stand in an XML 1.0 document: no terminal colours, control characters or halves of surrogates. */
export function xmlText(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, "\n").replace(notCharacters, "");
}

/** Text for an attribute, where a parser turns line ends into spaces anyway: one line, at most `limit` characters. */
export function xmlLine(text: string, limit = 1_000): string {
  const line = xmlText(text).replace(/\s+/g, " ").trim();
  return line.length <= limit ? line : `${xmlText(line.slice(0, limit - 1))}…`;
}

/**
 * At most `limit` bytes of UTF-8, or the 30 that say it: the beginning and the end, with a line between that says how
 * much is left out.
 */
export function capped(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const note = (left: number) => `\n… ${left} bytes left out …\n`;
  const half = Math.max(0, Math.floor((limit - Buffer.byteLength(note(bytes.length))) / 2));
  const [head, tail] = [bytes.subarray(0, half), bytes.subarray(bytes.length - half)];
  const whole = (part: Buffer) => part.toString("utf8").replace(/^\uFFFD+|\uFFFD+$/g, "");
  return `${whole(head)}${note(bytes.length - 2 * half)}${whole(tail)}`;
}
