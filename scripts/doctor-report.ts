import { z } from "zod";
import { type Finding, findingLevels, findingSchema } from "../clusters/finding.ts";

/** What `doctor --json` prints. Published as `doctor.schema.json`; another shape gets another `format`. */
export const doctorReportSchema = z
  .strictObject({
    format: z.literal("vmesh-doctor/1"),
    provider: z.string().describe("Whose prerequisites these are."),
    nodes: z.int().positive().describe("For a cluster of so many nodes."),
    ok: z.boolean().describe("Nothing is missing. The exit code is 0 then, and 3 otherwise."),
    counts: z.record(z.enum(findingLevels), z.int().nonnegative()).describe("Findings by level."),
    runDoes: z.array(z.string()).describe("What a run would set up by itself, each as the end of `A run …`."),
    findings: z.array(findingSchema).describe("In the order in which a text shows them."),
  })
  .describe("Every prerequisite of a provider of vmesh on this machine.");
export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** The findings of one look at a machine, counted. */
export function doctorReport(provider: string, nodes: number, findings: readonly Finding[]): DoctorReport {
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  return {
    format: "vmesh-doctor/1",
    provider,
    nodes,
    ok: findings.every(({ ok }) => ok),
    counts: { fine: count("fine"), limited: count("limited"), missing: count("missing") },
    runDoes: findings.flatMap(({ runDoes }) => runDoes ?? []),
    findings: [...findings],
  };
}
