import { expect, test } from "vitest";
import { capped, xmlLine, xmlText } from "./xml-text.ts";

test.for([
  ["terminal colours", "\u001B[31mred\u001B[0m", "red"],
  ["control characters", "a\u0000b\u0008c\u000Bd\u001Fe", "abcde"],
  ["a lone high surrogate", "a\uD800b", "ab"],
  ["a lone low surrogate", "a\uDC00b", "ab"],
  ["the two non-characters", "a\uFFFE\uFFFFb", "ab"],
  ["carriage returns", "a\r\nb\rc", "a\nb\nc"],
] as const)("Text loses %s", ([, text, expected]) => {
  expect(xmlText(text)).toBe(expected);
});

test("Text keeps tabs, line ends, accents and whole emoji", () => {
  expect(xmlText("\ta\né€😀")).toBe("\ta\né€😀");
});

test("An attribute is one line and ends with an ellipsis when it is too long", () => {
  expect(xmlLine(" a\n\tb ")).toBe("a b");
  expect(xmlLine("abcdef", 4)).toBe("abc…");
  expect(xmlLine("ab😀d", 4)).toBe("ab…");
});

test("Capped text keeps both ends, says what is missing and stays within the limit", () => {
  const text = `begin${"é".repeat(1_000)}end`;
  const short = capped(text, 200);
  expect(short).toMatch(/^beginé+\n… \d+ bytes left out …\né+end$/);
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(200);
  expect(capped("short", 200)).toBe("short");
});

test("Text that is capped to less than the line about it is that line", () => {
  expect(capped("x".repeat(1_000), 10)).toBe("\n… 1000 bytes left out …\n");
});

test.for([1, 2, 3, 4])("Text is never cut inside a character, at any of %i neighbouring limits", (shift) => {
  for (const character of ["é", "€", "😀"]) {
    const short = capped(character.repeat(500), 200 + shift);
    expect(short.replaceAll(character, "")).toMatch(/^\n… \d+ bytes left out …\n$/);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(200 + shift);
  }
});

test("What is left of two halves that belong to different characters is no character", () => {
  expect(xmlText("a\uDE00\uD83Db")).toBe("ab");
  expect(xmlText("a\uD83D\u0000\uDE00b")).toBe("ab");
});
