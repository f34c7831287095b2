import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { judgeMemory, judgeSwap, readMemoryLimit } from "./memory.ts";

const GiB = 2 ** 30;
const meminfo = (gibibytes: { total?: number; available?: number; swap?: number; freeSwap?: number }) => {
  const { total = 8, available = 7, swap = 0, freeSwap = swap } = gibibytes;
  const figures = { MemTotal: total, MemFree: 1, MemAvailable: available, SwapTotal: swap, SwapFree: freeSwap };
  return Object.entries(figures)
    .map(([name, figure]) => `${`${name}:`.padEnd(16)}${Math.round(figure * 2 ** 20)} kB\n`)
    .join("");
};
const limit = { limit: 6 * GiB, used: 2 * GiB };

test.for([
  ["5 GiB for one node", judgeMemory(meminfo({ available: 5 }), undefined, 1), "fine", undefined],
  ["less than 5 GiB", judgeMemory(meminfo({ available: 4.9 }), undefined, 1), "missing", "end what uses it"],
  ["5 GiB for two nodes", judgeMemory(meminfo({ available: 5 }), undefined, 2), "missing", "use fewer nodes"],
  ["6.5 GiB for two nodes", judgeMemory(meminfo({ available: 6.5 }), undefined, 2), "fine", undefined],
  ["a container with too low a limit", judgeMemory(meminfo({}), limit, 1), "missing", "raise the memory limit"],
  [
    "a limit above what there is",
    judgeMemory(meminfo({ available: 4 }), { limit: 64 * GiB, used: 0 }, 1),
    "missing",
    "end what",
  ],
  ["no swap", judgeSwap(meminfo({})), "fine", undefined],
  ["swap with little in it", judgeSwap(meminfo({ swap: 2, freeSwap: 1 })), "fine", undefined],
  ["swap with much in it", judgeSwap(meminfo({ swap: 2, freeSwap: 0.9 })), "limited", "end what uses much memory"],
] as const)("%s is judged, with a mend where it is not fine.", ([, { level, mend }, expected, words]) => {
  expect(level).toBe(expected);
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test("What is available is told beside what is there and what a run takes.", () => {
  expect(judgeMemory(meminfo({ available: 4.9 }), undefined, 1).detail).toBe(
    "4.9 GiB of 8.0 GiB are available, expected 5.0 GiB for one node",
  );
  expect(judgeMemory(meminfo({}), limit, 1).detail).toBe(
    "4.0 GiB of a limit of 6.0 GiB are available, expected 5.0 GiB for one node",
  );
});

test("A text without the line that is asked for is an error that names it.", () => {
  expect(() => judgeSwap("MemTotal: 1 kB\n")).toThrow("no line `SwapTotal:`");
});

test.for([
  [
    "version 2",
    ".",
    { "memory.max": `${GiB}\n`, "memory.current": "700\n", "memory.stat": "anon 1\ninactive_file 200\n" },
  ],
  [
    "version 1",
    "memory",
    {
      "memory.limit_in_bytes": `${GiB}\n`,
      "memory.usage_in_bytes": "700\n",
      "memory.stat": "inactive_file 9\ntotal_inactive_file 200\n",
    },
  ],
] as const)("The limit of a cgroup of %s is read, and file caches do not count as used.", async ([, folder, files]) => {
  const root = await temporaryFolder();
  await mkdir(join(root, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, name), text);
  expect(await readMemoryLimit(root)).toEqual({ limit: GiB, used: 500 });
});

test.for([["max\n"], ["9223372036854771712\n"]])("A limit of %j is none.", async ([text = ""]) => {
  const root = await temporaryFolder();
  await mkdir(join(root, "memory"));
  await writeFile(join(root, "memory.max"), text);
  await writeFile(join(root, "memory/memory.limit_in_bytes"), text);
  expect(await readMemoryLimit(root)).toBeUndefined();
});
