import { expect, test } from "vitest";
import { judgeClock, newestModule, readClock } from "./clock.ts";

const now = Date.parse("2026-08-27T12:00:00Z");
const years = (count: number) => count * 365 * 24 * 3_600_000;
const right = {
  now,
  sources: now - years(1),
  expiries: [now - years(1), now + years(1), now + years(9)],
  isSynchronized: true,
};

test.for([
  ["a clock that follows a time server", right, "fine", "2026-08-27T12:00:00Z, kept right by a time server"],
  ["one that nobody knows about", { ...right, isSynchronized: undefined }, "fine", "2026-08-27T12:00:00Z"],
  ["one that follows nobody", { ...right, isSynchronized: false }, "limited", "no time server keeps it right"],
  ["one a minute behind a shared folder", { ...right, sources: now + 60_000 }, "fine", "2026-08-27T12:00:00Z"],
  [
    "one behind the sources",
    { ...right, sources: now + 600_000 },
    "missing",
    "expected a time after 2026-08-27T12:10:00Z",
  ],
  ["one far behind", { ...right, now: 0 }, "missing", "1970-01-01T00:00:00Z, expected a time after 2025-08-27"],
  ["one years ahead", { ...right, now: now + years(2) }, "missing", "certificates of 2 of the 3 authorities"],
] as const)("%s is judged, with a mend where it is not fine.", ([, seen, level, words]) => {
  const judgement = judgeClock(seen);
  expect(judgement.level).toBe(level);
  expect(judgement.detail).toContain(words);
  expect(judgement.mend === undefined).toBe(level === "fine");
});

test("The newest module without a release says when sources were made.", () => {
  const goMod = `
    istio.io/api v1.31.1
    example.com/a v0.0.0-20260827124520-eed52ebb66ad
    example.com/b v1.36.1-0.20260729145720-a2d8c7492908
  `;
  expect(newestModule(goMod)).toBe(Date.parse("2026-08-27T12:45:20Z"));
  expect(newestModule("istio.io/api v1.31.1\n")).toBe(0);
});

test.runIf(process.platform === "linux")("This machine's clock is compared with sources and authorities.", async () => {
  const seen = await readClock();
  expect(seen.sources).toBeGreaterThan(Date.parse("2026-01-01T00:00:00Z"));
  expect(seen.expiries.length).toBeGreaterThan(50);
  expect(seen.expiries.every((expiry) => expiry > 0)).toBe(true);
  expect(judgeClock({ ...seen, now: seen.sources - years(1) }).level).toBe("missing");
  expect(judgeClock({ ...seen, now: Math.max(...seen.expiries) + 1 }).level).toBe("missing");
});
