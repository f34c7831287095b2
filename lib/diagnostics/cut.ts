/** Of these tokens and base64 consist; half of one must not be left, as it no longer looks like a secret. */
const tokenCharacter = /[A-Za-z0-9_.~+/=-]/;

/** The end of a text in at most so many bytes of UTF-8, from the beginning of a line on or, within one, of a word. */
export function lastBytes(text: string, count: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= count) return text;
  const end = bytes
    .subarray(bytes.length - Math.max(0, count))
    .toString("utf8")
    .replace(/^\ufffd+/, "");
  let start = end.indexOf("\n") + 1;
  if (start === 0) while (tokenCharacter.test(end.charAt(start))) start += 1;
  return end.slice(start);
}

/** The beginning of a text in at most so many bytes of UTF-8, up to the end of a line or, within one, of a word. */
export function firstBytes(text: string, count: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= count) return text;
  const beginning = bytes
    .subarray(0, Math.max(0, count))
    .toString("utf8")
    .replace(/\ufffd+$/, "");
  let end = beginning.lastIndexOf("\n") + 1;
  if (end === 0) end = beginning.length;
  if (!beginning.includes("\n")) while (tokenCharacter.test(beginning.charAt(end - 1))) end -= 1;
  return beginning.slice(0, end);
}
