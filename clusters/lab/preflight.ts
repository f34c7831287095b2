import { failedLook, type Finding, type FindingGroup } from "../finding.ts";
import { type LookOptions, type Looks, looksOf } from "./doctor/looks.ts";
import { judgeSystem } from "./doctor/system.ts";

/**
 * Every prerequisite of the lab, all looked at at the same time, each with its mend. Leaves nothing behind: kernel
 * features are tried in namespaces that end with the trial, and what is written for a trial is removed. A look that
 * fails by itself is a finding, too.
 */
export async function preflight(options: LookOptions): Promise<Finding[]> {
  const system = judgeSystem(process.platform, process.arch);
  // Nothing below can be looked at elsewhere.
  if (!system.ok) return [{ group: "machine", ...system }];
  const groups = Object.entries(looksOf(options)) as [FindingGroup, Looks][];
  const findings = await Promise.all(
    groups.flatMap(([group, looks]) =>
      Object.entries(looks).map(async ([name, look]) => {
        const judgements = await look().catch((error: unknown) => [failedLook(name, error)]);
        return judgements.map((judgement) => ({ group, ...judgement }));
      }),
    ),
  );
  return [{ group: "machine", ...system }, ...findings.flat()];
}
