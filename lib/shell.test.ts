import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { quote } from "./shell.ts";

test.each(["plain/path-1.txt", "two words", "it's", '$HOME `id` \\ "x"', "", "a\nb", "*"])(
  "A shell reads back the word %j.",
  (word) => {
    expect(execFileSync("sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" })).toBe(word);
  },
);
