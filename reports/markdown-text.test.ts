import { describe, expect, test } from "vitest";
import { cell, commandBlock } from "./markdown-text.ts";

describe("a cell", () => {
  test.for([
    ["plain words", "It is so.", "It is so."],
    ["a name in backticks", "no `a_b*c` here", "no `a_b*c` here"],
    ["a pipe, in a name or not", "a | b `c|d`", "a \\| b <code>c\\|d</code>"],
    ["a pipe after a backslash", "a\\|b `c\\|d`", "a\\\\\\|b <code>c\\\\\\|d</code>"],
    ["an address", "https://x.y/z_w www.x.y a_b@x.y", "https\\://x.y/z\\_w www\\.x.y a\\_b\\@x.y"],
    [
      "what Markdown would mark up",
      "*a* _b_ [c](d) ~e~ #f !g \\h",
      "\\*a\\* \\_b\\_ \\[c\\](d) \\~e\\~ \\#f \\!g \\\\h",
    ],
    ["what HTML would mark up", "<b>&amp;</b>", "\\<b\\>\\&amp;\\</b\\>"],
    ["a backtick alone", "it`s", "it\\`s"],
    ["a backtick on each of two lines", "a`b\nc`d", "a\\`b<br>c\\`d"],
    ["lines and their indentation", "one\n  two\r\nthree", "one<br>&nbsp;&nbsp;two<br>three"],
    ["characters that are none", "\u001B[31mred\u001B[0m\u0000", "red"],
  ] as const)("shows %s as it is.", ([, text, markdown]) => {
    expect(cell(text)).toBe(markdown);
  });

  test("is cut after so many characters, never through one.", () => {
    expect(cell("abcdef", 3)).toBe("abc…");
    expect(cell("abc", 3)).toBe("abc");
    expect(cell("ab\u{1F600}", 3)).toBe("ab…");
  });
});

test("A command is a block of code whatever is in it.", () => {
  expect(commandBlock("run '```\n# x'")).toBe("    run '```\n    # x'");
});
