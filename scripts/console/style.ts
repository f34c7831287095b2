import { stripVTControlCharacters, styleText } from "node:util";

type Paint = (text: string) => string;

/** How words look on a terminal. */
export type Style = Record<"red" | "green" | "yellow" | "bold" | "dim", Paint>;

/** Colours, or none where `NO_COLOR` asks for none. */
export function styleFor(environment: Readonly<Record<string, string | undefined>>): Style {
  const plain = (environment["NO_COLOR"] ?? "") !== "";
  const paint = (format: keyof Style): Paint => {
    if (plain) return (text) => text;
    return (text) => styleText(format, text, { validateStream: false });
  };
  return { red: paint("red"), green: paint("green"), yellow: paint("yellow"), bold: paint("bold"), dim: paint("dim") };
}

/** Text from elsewhere as a terminal may show it: what moves the cursor or rings would tear the live lines apart. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll("\t", "  ")
    .replace(/(?!\n)\p{Cc}/gu, "");
}
