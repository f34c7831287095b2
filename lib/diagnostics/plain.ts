/** Colours, cursor movements, titles and links of a terminal; Node's own function for it takes minutes for some texts. */
const sequences = new RegExp(
  [
    String.raw`[^\P{Cc}\n\t\r]\[[0-9;:?]{0,60}[ -/]{0,4}[@-~]`,
    String.raw`\u{9b}[0-9;:?]{0,60}[ -/]{0,4}[@-~]`,
    String.raw`[^\P{Cc}\n\t\r]\][^\p{Cc}]{0,300}\p{Cc}`,
  ].join("|"),
  "gu",
);

/** A text without a terminal's control sequences and characters, which could also part a secret. Its time is linear. */
export function plain(text: string): string {
  return text.replace(sequences, "").replace(/[^\P{Cc}\n\t]/gu, "");
}
