/** Messages may go on for pages; their first line is the sentence. At most 500 characters. */
export function firstLine(text: string | undefined): string {
  const line = text?.trimStart().split("\n", 1)[0] ?? "";
  if (line === "") return "no reason was recorded";
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}
