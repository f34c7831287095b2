import { describe, expect, test } from "vitest";
import { diff } from "./diff.ts";
import { type CaseOutcome, type RunReport, verdictOf } from "./model.ts";
import { sampleCase, sampleReport } from "./sample.ts";

let runs = 0;

/** A run of these checks, with the verdict they make unless it is given. */
function run(cases: RunReport["cases"], change: Partial<RunReport> = {}): RunReport {
  runs += 1;
  const report = sampleReport({ runId: `run-${runs}`, stages: [], cases, ...change });
  return { ...report, verdict: change.verdict ?? verdictOf(report) };
}

const one = (outcome: CaseOutcome, change: Parameters<typeof sampleCase>[0] = {}) =>
  sampleCase({ id: "a/x", outcome, ...change });
/** Keeps the verdict where it is, so that only the check under test says anything. */
const rest = sampleCase({ id: "a/failing", outcome: "failed" });
const changesOf = (old: RunReport["cases"], now: RunReport["cases"]) => {
  const { worse, checks } = diff([run([...old, rest])], [run([...now, rest])]);
  const [place] = (["worse", "better", "other", "added", "gone"] as const).filter((name) => checks[name].length > 0);
  return { worse, place: place ?? "unchanged" };
};

describe("a check that", () => {
  test.for([
    ["passed twice", "passed", "passed", "unchanged"],
    ["fails now", "passed", "failed", "worse"],
    ["has an error now", "passed", "error", "worse"],
    ["is flaky now", "passed", "flaky", "worse"],
    ["is skipped now", "passed", "skipped", "worse"],
    ["is red instead of flaky", "flaky", "failed", "worse"],
    ["was skipped and fails", "skipped", "failed", "worse"],
    ["is mended", "failed", "passed", "better"],
    ["is no longer flaky", "flaky", "passed", "better"],
    ["runs again", "skipped", "passed", "better"],
    ["is half mended", "error", "flaky", "better"],
    ["is red in another way", "error", "failed", "other"],
    ["was red and is no longer run", "failed", "skipped", "other"],
  ] as const)("%s: %s → %s is %s", ([, old, now, place]) => {
    expect(changesOf([one(old)], [one(now)])).toEqual({ place, worse: place === "worse" });
  });

  test.for([
    ["core, gone", [one("passed")], [], "gone", true],
    ["core, gone after it was red", [one("failed")], [], "gone", true],
    ["extended, gone", [one("passed", { profile: "extended" })], [], "gone", false],
    ["new", [], [one("passed")], "added", false],
    ["new and red", [], [one("failed")], "added", false],
    ["no longer core", [one("passed")], [one("passed", { profile: "extended" })], "other", false],
    ["an error outside of all checks", [], [one("error", { id: "vmesh/unhandled-error-1" })], "worse", true],
    ["no such error any more", [one("error", { id: "a/x#around" })], [], "better", false],
  ] as const)("is %s: %#", ([, old, now, place, worse]) => {
    expect(changesOf(old, now)).toEqual({ place, worse });
  });

  const tries = (...outcomes: ("passed" | "failed")[]) => {
    const list = outcomes.map((outcome, index) => ({
      repetition: index + 1,
      attempt: 1,
      outcome,
      seconds: 1,
      attachments: [],
    }));
    return one(outcomes.includes("failed") ? "failed" : "passed", { tries: list });
  };

  test.for([
    ["red in some repetitions only now", tries("passed", "passed"), tries("passed", "failed"), "worse"],
    ["red in all instead of some", tries("passed", "failed"), tries("failed", "failed"), "worse"],
    ["red in some instead of all", tries("failed", "failed"), tries("passed", "failed"), "better"],
    ["red in more of them", tries("passed", "passed", "failed"), tries("passed", "failed", "failed"), "other"],
    ["as often red", tries("passed", "failed"), tries("failed", "passed"), "unchanged"],
  ] as const)("is %s: %#", ([, old, now, place]) => {
    expect(changesOf([old], [now]).place).toBe(place);
  });

  test("is red in one of several runs tells in how many, and why.", () => {
    const failure = { type: "Error", message: "it was reset\nby its peer" };
    const now = [run([one("passed")]), run([one("failed", { failure })]), run([one("passed")])];
    const { checks, reasons } = diff([run([one("passed")])], now);
    expect(checks.worse).toMatchObject([
      {
        id: "a/x",
        before: { outcome: "passed", times: 1, of: 1 },
        after: { outcome: "failed", times: 1, of: 3 },
        reason: "it was reset",
      },
    ]);
    expect(reasons).toEqual(["1 check got worse", "the verdict went from conformant to failed"]);
  });
});

describe("the verdict", () => {
  test.for([
    ["conformant", "partial", true],
    ["partial", "failed", true],
    ["failed", "error", true],
    ["error", "interrupted", true],
    ["failed", "failed", false],
    ["failed", "conformant", false],
    ["interrupted", "error", false],
  ] as const)("from %s to %s: worse is %s", ([before, after, worse]) => {
    const result = diff([run([], { verdict: before })], [run([], { verdict: after })]);
    expect(result).toMatchObject({ worse, reasons: worse ? [`the verdict went from ${before} to ${after}`] : [] });
  });

  test("of several runs is the gravest.", () => {
    const several = [
      run([], { verdict: "conformant" }),
      run([], { verdict: "failed" }),
      run([], { verdict: "partial" }),
    ];
    expect(diff(several, several).before.verdict).toBe("failed");
  });

  test("of a run that has not ended is no success.", () => {
    const open = run([one("passed")], { finished: false });
    expect(open.verdict).toBe("conformant");
    expect(diff([run([one("passed")])], [open])).toMatchObject({ worse: true, after: { verdict: "interrupted" } });
  });
});

describe("what a run was made with", () => {
  const changed = (before: Partial<RunReport>, after: Partial<RunReport>) =>
    diff([run([], before)], [run([], after)]).facts;

  test("is told where it differs.", () => {
    const before = {
      versions: { istio: "1.30.0", multus: "4" },
      capabilities: { multus: true, "two-nodes": "one node" },
    } as const;
    const after = {
      versions: { istio: "1.31.1" },
      provider: "kubeconfig",
      nodes: 2,
      vmesh: "0.2.0",
      commit: "a1b2c3",
      capabilities: { multus: "there is no CRD", "two-nodes": "still one node" },
      selection: { suite: [] },
      host: { cpus: 4, memoryGiB: 24 },
      failOnFlaky: true,
    } as const;
    expect(changed(before, after)).toEqual([
      { name: "vmesh", before: "0.1.0", after: "0.2.0" },
      { name: "version of istio", before: "1.30.0", after: "1.31.1" },
      { name: "version of multus", before: "4", after: undefined },
      { name: "provider", before: "lab", after: "kubeconfig" },
      { name: "nodes", before: "1", after: "2" },
      { name: "feature multus", before: "yes", after: "no: there is no CRD" },
      { name: "selected suite", before: "inbound", after: "all" },
      { name: "host cpus", before: "2", after: "4" },
      { name: "flaky is red", before: "no", after: "yes" },
      { name: "commit of vmesh", before: undefined, after: "a1b2c3" },
    ]);
  });

  test("must be the same in all runs of a side.", () => {
    const mixed = [
      run([], { runId: "old", versions: { istio: "1.30.0" } }),
      run([], { runId: "new", versions: { istio: "1.31.1" } }),
    ];
    expect(() => diff([run([])], mixed)).toThrow(
      expect.objectContaining({
        kind: "usage",
        message: "The runs of B are not of the same things, so together they say nothing.",
        evidence: "version of istio: 1.30.0 in `old`; 1.31.1 in `new`",
      }),
    );
  });

  test("need not be known of a run that broke before it was.", () => {
    const broke = run([], { versions: {}, verdict: "error" });
    expect(() => diff([run([], { verdict: "error" }), broke], [broke])).not.toThrow();
    expect(() => diff([run([], { verdict: "failed" }), { ...broke, verdict: "failed" }], [broke])).toThrow("A are not");
  });
});

describe("a number", () => {
  const timed = (seconds: number, properties = {}) => run([one("passed", { seconds, properties })]);
  const duration = (before: number[], after: number[], threshold?: number) => {
    const sides = [before, after].map((list) => list.map((seconds) => timed(seconds)));
    const { numbers, worse } = diff(sides[0] ?? [], sides[1] ?? [], { threshold });
    return { worse, ...numbers.find(({ of, what }) => of === "a/x" && what === "duration") };
  };

  test.for([
    ["by a fifth where the spread is unknown", [10], [12], undefined, "same"],
    ["by more than half where the spread is unknown", [10], [15.1], undefined, "slower"],
    ["by a fifth beyond a known spread", [9, 10, 10], [12], undefined, "slower"],
    ["within a wide spread", [5, 10, 20], [19, 19, 19], undefined, "same"],
    ["by less than a second", [0.1, 0.1], [0.9, 0.9], undefined, "same"],
    ["by a twentieth where that is the threshold", [20], [21.5], 0.05, "slower"],
    ["below by half", [31, 30], [15], undefined, "faster"],
  ] as const)("that lies above %s: %#", ([, before, after, threshold, tendency]) => {
    expect(duration([...before], [...after], threshold)).toMatchObject({ tendency, worse: false });
  });

  test("makes it worse only where that is asked for.", () => {
    const sides = [[timed(10)], [timed(20)]] as const;
    expect(diff(...sides)).toMatchObject({ worse: false, reasons: [] });
    const [reason] = diff(...sides, { failOnSlower: true }).reasons;
    expect(reason).toBe("2 numbers are slower");
  });

  test("that is no time is higher or lower, and on one side alone it is not compared.", () => {
    const { numbers } = diff([timed(1, { lost: 2, gone: 1 })], [timed(1, { lost: 7, new: 1 })], { failOnSlower: true });
    expect(numbers.filter(({ kind }) => kind === "count")).toMatchObject([{ what: "lost", tendency: "higher" }]);
  });

  test("of the run as a whole is one over the checks that both sides have.", () => {
    const added = one("passed", { id: "a/slow", seconds: 900 });
    const { numbers } = diff([run([one("passed")])], [run([one("passed"), added, { ...added, id: "a/slower" }])]);
    expect(numbers.find(({ what }) => what === "median check duration")).toMatchObject({ tendency: "same" });
  });

  test("of one run with repetitions has a spread.", () => {
    const tries = [8, 10, 12].map((seconds, index) => {
      return { repetition: index + 1, attempt: 1, outcome: "passed", seconds, attachments: [] } as const;
    });
    const { numbers } = diff([run([one("passed", { tries })])], [timed(14)]);
    expect(numbers.find(({ of }) => of === "a/x")).toMatchObject({
      before: { median: 10, min: 8, max: 12, samples: 3 },
      after: { median: 14, samples: 1 },
      tendency: "slower",
    });
  });
});
