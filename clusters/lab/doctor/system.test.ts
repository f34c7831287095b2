import { expect, test } from "vitest";
import { judgeProcessors, judgeSystem } from "./system.ts";

test.for([
  ["Linux on x64", judgeSystem("linux", "x64"), "fine", undefined],
  ["macOS", judgeSystem("darwin", "x64"), "missing", "--provider"],
  ["Linux on Arm", judgeSystem("linux", "arm64"), "missing", "x86-64"],
  ["two processors with little to do", judgeProcessors({ count: 2, load: 0.4 }), "fine", undefined],
  ["two busy processors", judgeProcessors({ count: 2, load: 4 }), "fine", undefined],
  ["two processors with a queue", judgeProcessors({ count: 2, load: 4.1 }), "limited", "wait for the other work"],
  ["one processor", judgeProcessors({ count: 1, load: 0 }), "limited", "another one"],
] as const)("%s is judged, with a mend where it is not fine.", ([, { level, mend }, expected, words]) => {
  expect(level).toBe(expected);
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test("A system, or a number of processors, that is not as expected is told beside what was.", () => {
  expect(judgeSystem("linux", "arm64").detail).toBe("linux on arm64, expected linux on x64");
  expect(judgeProcessors({ count: 1, load: 0 }).detail).toMatch(/^1, with a load of 0\.0, expected 2: /);
});
