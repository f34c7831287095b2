import { expect, test } from "vitest";
import { fine, type Finding, limited, missing } from "../clusters/finding.ts";
import type { DoctorOptions } from "../clusters/provider.ts";
import { createLog } from "../lib/log.ts";
import { type Lab, startCluster } from "./bring-up.ts";

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
