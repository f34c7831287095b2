import { describe, expect, test } from "vitest";
import { capabilities } from "../lib/environment.ts";
import type { RunReport } from "../reports/model.ts";
import { sampleCase, sampleReport } from "../reports/sample.ts";
import { statement } from "../reports/statement.ts";
import { doctorReportSchema } from "./doctor-report.ts";
import { vmesh } from "./vmesh.fixture.ts";

describe("the command line", () => {
  test.for([
    ["a number that is not allowed", ["run", "--nodes", "0"], "--nodes"],
    ["an unknown provider", ["run", "--provider", "lap"], "There is no provider `lap`. Known: "],
    [
      "an installation on a cluster that is to be made",
      ["run", "--install", "istio"],
      "`--install` is about a cluster that is there, and the provider is `lab`.",
    ],
    ["a component that there is none of", ["run", "--cluster", "kubeconfig", "--install", "istoi"], "istoi"],
    ["an account without a namespace", ["rbac", "--account", "vmesh"], "names no ServiceAccount"],
    ["an unknown check", ["run", "--check", "nowhere/nothing"], "There is no check `nowhere/nothing`. Known: "],
    ["an unknown suite", ["list", "--suite", "nowhere"], "There is no suite `nowhere`. Known: "],
    ["an unknown tag", ["run", "--tag", "nothing"], "There is no tag `nothing`. Known: "],
    ["an empty check", ["run", "--check", ""], "Expected a name."],
    ["an empty list of suites", ["list", "--suite", ","], "Expected a name."],
    ["an empty tag", ["run", "--tag", "vmi", "--tag", " "], "Expected a name."],
    [
      "a selection of nothing",
      ["run", "--suite", "enrolment", "--tag", "two-nodes"],
      "No check fits profile `extended`",
    ],
    ["a section of no provider", ["run", "--config", "section.yaml"], "There is no `settings` section `lap`. Known: "],
    ["a section its provider does not take", ["run", "--config", "key.yaml"], "podSubnets"],
    ["a section the doctor's provider does not take", ["doctor", "--config", "key.yaml"], "podSubnets"],
    ["an unknown version set", ["run", "--versions", "curent"], "the nearest one is `current`"],
    ["an unknown version set of the doctor", ["doctor", "--versions", "curent"], "There is no version set `curent`."],
    ["an unknown version set to be listed", ["artifacts", "--set", "curent"], "Known: 2021-blog, 2023-istio-vms, "],
    ["versions that the lab does not build", ["run", "--versions", "2021-blog"], "`--artifacts upstream`"],
    ["a mirror that is no prefix", ["run", "--mirror", "a mirror"], "expected a prefix"],
    ["fetching where nothing may be fetched", ["artifacts", "--fetch", "--offline"], "`--offline` forbids"],
    ["an origin that there is not", ["up", "--artifacts", "upstraem"], "Allowed choices are build, upstream."],
    ["an unknown key in the file", ["run", "--config", "misspelt.yaml"], "the nearest one is `provider`"],
  ] as const)("ends with 2 and starts nothing for %s", async ([, args, message]) => {
    const { status, stderr, started } = await vmesh(args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(started).toBe(false);
  });

  test.for([[["run", "--cluster", "current"]], [["down"]]])(
    "ends with 3 if no cluster is up for %s",
    async ([args]) => {
      const { status, stderr } = await vmesh(args ?? []);
      expect(stderr).toBe("No cluster is up.\nTo mend it: start one with `scripts/vmesh up`\n");
      expect(status).toBe(3);
    },
  );
});

describe("the doctor", () => {
  test("prints a report of its schema as JSON, and ends with 3 where something is missing", async () => {
    const { status, stdout, started } = await vmesh(["doctor", "--json", "--nodes", "2"], {});
    const report = doctorReportSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ provider: "lab", nodes: 2, ok: false });
    expect(report.counts.missing).toBeGreaterThan(0);
    expect(status).toBe(3);
    expect(started).toBe(false);
  });

  test("prints what is missing at the end of a text", async () => {
    const { status, stdout } = await vmesh(["doctor"], {});
    expect(stdout).toMatch(
      /\nMISSING: .*\n(.*\n)*\n\d+ missing, \d+ limited, \d+ fine for provider `lab` with one node\n/,
    );
    expect(stdout).toMatch(/`scripts\/vmesh run`[^\n]*\.\n$/);
    expect(status).toBe(3);
  });
});

describe("with a cluster that is up", () => {
  const environment = JSON.stringify({
    clusterId: "a",
    provider: "lab",
    kubeconfig: "/a/kubeconfig",
    nodes: [],
    versions: {},
    capabilities: Object.fromEntries(capabilities.map((name) => [name, true])),
    images: { workload: "workload", guest: "guest" },
    endpoints: {},
    tools: { istioctl: "istioctl" },
    timeScale: 1,
  });

  test("`up` ends with 2 and says how to remove it", async () => {
    const files = { "cache/clusters/a/environment.json": environment, "cache/clusters/current": "a" };
    const { status, stderr, whole } = await vmesh(["up"], files);
    expect(stderr).toMatch(/^Cluster `a` is up already, .*\n.*`scripts\/vmesh down` first/);
    expect(status).toBe(2);
    expect(whole).toBe(true);
  });

  test("`down` ends with 2 and removes nothing if the file is not in the cluster's own folder", async () => {
    const { status, stderr, whole } = await vmesh(["down", "--cluster", "mine/environment.json"], {
      "mine/environment.json": environment,
      "cache/clusters/a/environment.json": environment,
    });
    expect(stderr).toMatch(/^The environment file is in `.*\/mine`, expected in .*`.*\/cache\/clusters\/a`\.\n/);
    expect(status).toBe(2);
    expect(whole).toBe(true);
  });
});

describe("of two runs, `diff`", () => {
  const run = (runId: string, change: Partial<RunReport> = {}) => statement(sampleReport({ runId, ...change }));
  const cases = (seconds: number, length = 400) =>
    Array.from({ length }, (_, index) => sampleCase({ id: `a/${index}`, seconds }));
  const files = {
    "good/report.json": run("good", { verdict: "conformant", cases: cases(1) }),
    "slow/report.json": run("slow", { verdict: "conformant", cases: cases(9) }),
    "bad/report.json": run("bad", { cases: [] }),
    "reports/out/latest/report.json": run("last", { verdict: "conformant", cases: cases(1) }),
    "other/report.json": run("other").replace("vmesh.dev/v1", "vmesh.dev/v9"),
  };

  test.for([
    ["0 if it got no worse", ["good", "latest"], 0, "No worse. Checks: 400 unchanged; nothing is slower.\n"],
    ["0 if it is slower", ["good", "slow"], 0, "No worse. Checks: 400 unchanged; 401 of "],
    ["1 if it is slower and that counts", ["good", "slow", "--fail-on-slower"], 1, "WORSE: 401 numbers are slower.\n"],
    ["1 if it got worse", ["good,slow", "bad"], 1, "WORSE: 400 core checks are gone, the verdict went from "],
  ] as const)("ends with %s", async ([, args, code, beginning]) => {
    const { status, stdout, stderr } = await vmesh(["diff", ...args], files);
    expect(stderr).toBe("");
    expect(stdout.slice(0, beginning.length)).toBe(beginning);
    expect(status).toBe(code);
  });

  test.for([
    ["one run alone", ["good"], "missing required argument 'b'"],
    ["a report of another version", ["good", "other"], "has the schema version `vmesh.dev/v9`"],
    ["a threshold that is no number", ["good", "bad", "--threshold", "much"], "Expected a percentage"],
  ] as const)("ends with 2 for %s", async ([, args, message]) => {
    const { status, stdout, stderr } = await vmesh(["diff", ...args], files);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  test("tells everything as JSON, however much it is", async () => {
    const many = {
      "a/report.json": run("a", { cases: cases(1, 2000) }),
      "b/report.json": run("b", { cases: cases(1, 2000) }),
    };
    const { status, stdout } = await vmesh(["diff", "a", "b", "--json"], many);
    // More than a pipe takes at once, whatever it is made of.
    expect(stdout.length).toBeGreaterThan(2 ** 19);
    expect(JSON.parse(stdout)).toMatchObject({ worse: false, thresholds: { spread: 0.1, single: 0.5 } });
    expect(status).toBe(0);
  });
});

describe("of the shards of a run, `merge`", () => {
  const shard = (part: string, id: string) =>
    statement(sampleReport({ runId: id, selection: { shard: [part] }, cases: [sampleCase({ id: `a/${id}` })] }));
  const files = { "one/report.json": shard("1/2", "one"), "two/report.json": shard("2/2", "two") };

  test("ends as the run would have, and its last line counts the checks of all", async () => {
    const { status, stdout, stderr } = await vmesh(["merge", "two", "one", "--out", "all", "--junit", "strict"], files);
    expect(stderr).toContain("verdict: conformant ");
    expect(stdout).toBe("2 passed, 0 failed, 0 skipped\n");
    expect(status).toBe(0);
  });

  test.for([
    ["no run", ["--out", "all"], "missing required argument 'runs'"],
    ["no folder", ["one", "two"], "required option '--out <folder>' not specified"],
    ["a shard too few", ["one", "--out", "all"], "The shards are not whole: 2/2 is missing."],
  ] as const)("ends with 2 for %s", async ([, args, message]) => {
    const { status, stderr } = await vmesh(["merge", ...args], files);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
