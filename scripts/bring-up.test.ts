import { existsSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fine, type Finding, limited, missing } from "../clusters/finding.ts";
import type { ClusterProvider, DoctorOptions } from "../clusters/provider.ts";
import { environmentError } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { runPipeline, type StageRecord } from "../lib/pipeline.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { type Lab, startCluster } from "./bring-up.ts";
import { stateFolder } from "./cluster-state.ts";

const system: Finding = { group: "machine", ...fine("system", "linux on x64") };
const clock: Finding = { group: "machine", ...limited("clock", "it follows nobody", "`timedatectl set-ntp true`") };
const disk: Finding = { group: "space", ...missing("disk", "1 GB free, expected 8 GB", "free 7 GB there") };

/** The first stage of a run whose provider finds this. */
async function examined(findings: readonly Finding[]) {
  const lines: string[] = [];
  const asked: DoctorOptions[] = [];
  const provider = {
    name: "fake",
    doctor: async (options: DoctorOptions) => {
      asked.push(options);
      return [...findings];
    },
  };
  const log = createLog({ write: (line) => lines.push(line) });
  const lab = { provider, config: { nodes: 2, settings: {} }, clusterId: "c", stateDir: "/s", log } as unknown as Lab;
  const [stage] = startCluster;
  const error = await stage?.setup?.(lab, new AbortController().signal).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { title: stage?.title, error, asked, text: lines.join("") };
}

test("A run asks the doctor first, about as many nodes as it starts, and quickly.", async () => {
  const { title, error, asked, text } = await examined([system]);
  expect({ title, error, text }).toEqual({ title: "doctor", error: undefined, text: "" });
  expect(asked).toMatchObject([{ nodes: 2, quick: true }]);
});

test("What is limited is a warning, and the run goes on.", async () => {
  const { error, text } = await examined([system, clock]);
  expect(error).toBeUndefined();
  expect(text).toBe(
    "warning: this machine is limited:\nclock: it follows nobody\n    to mend it: `timedatectl set-ntp true`\n",
  );
});

test("What is missing ends the run, with every finding that is and how to mend it.", async () => {
  const { error, text } = await examined([disk, clock, system]);
  expect(error).toMatchObject({
    kind: "environment",
    message: "Provider `fake` misses 1 of 3 prerequisites.",
    evidence: "disk: 1 GB free, expected 8 GB\n    to mend it: free 7 GB there",
    hint: "`scripts/vmesh doctor` shows all of them",
  });
  expect(text).toContain("clock");
});

describe("A creation that fails", () => {
  const failed = async (clean: ClusterProvider["clean"]) => {
    const cache = await temporaryFolder();
    vi.stubEnv("VMESH_CACHE", cache);
    onTestFinished(() => void vi.unstubAllEnvs());
    const provider = {
      name: "fake",
      doctor: async () => [system],
      create: () => Promise.reject(environmentError("no machine came up")),
      clean,
    };
    const stateDir = stateFolder("vmesh-00aa11");
    const config = { nodes: 2, settings: {} };
    const log = createLog({ write: () => undefined });
    const lab = { provider, config, clusterId: "vmesh-00aa11", stateDir, log, keep: true } as unknown as Lab;
    const signal = new AbortController().signal;
    const records: StageRecord[] = [];
    const { error } = await runPipeline(startCluster, lab, { signal, onStage: (record) => records.push(record) });
    expect(error).toMatchObject({ message: "no machine came up" });
    return { folderIsThere: existsSync(stateDir), last: records.at(-1) };
  };

  test("has its folder removed once nothing of it is left.", async () => {
    const asked: unknown[] = [];
    const { folderIsThere, last } = await failed(async ({ only }) => (asked.push(only), []));
    expect({ folderIsThere, asked }).toEqual({ folderIsThere: false, asked: ["vmesh-00aa11"] });
    expect(last).toMatchObject({ title: "cluster", phase: "teardown", outcome: "passed" });
  });

  test("keeps its folder, by which `clean` finds what could not be removed, and says so.", async () => {
    const stuck = environmentError("container node01 cannot be removed");
    const { folderIsThere, last } = await failed(() => Promise.reject(stuck));
    expect(folderIsThere).toBe(true);
    expect(last).toMatchObject({ title: "cluster", phase: "teardown", outcome: "failed", error: stuck });
  });
});
