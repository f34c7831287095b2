import { z } from "zod";
import { HarnessError } from "../lib/errors.ts";

/** What a finding is about, in the order in which they are told. */
export const findingGroups = [
  "machine",
  "rights",
  "kernel",
  "network",
  "space",
  "programs",
  "sources",
  "cluster",
] as const;
export type FindingGroup = (typeof findingGroups)[number];

export const findingLevels = ["fine", "limited", "missing"] as const;
export type FindingLevel = (typeof findingLevels)[number];

/** One finding of a provider's doctor: what was looked at, how it is, and where it is not fine, how to mend it. */
export const findingSchema = z.strictObject({
  name: z.string().min(1).describe("What was looked at; unique among the findings of a provider."),
  group: z.enum(findingGroups),
  level: z
    .enum(findingLevels)
    .describe("`missing`: a run does not work. `limited`: it does, but slower, or without something. `fine`: it does."),
  ok: z.boolean().describe("False where `level` is `missing`."),
  detail: z.string().min(1).describe("What was found; where that is not enough, also what was expected."),
  mend: z.string().min(1).optional().describe("What to do about it; there unless `level` is `fine`."),
  runDoes: z.string().min(1).optional().describe("What a run does about it by itself, as the end of `A run …`."),
});
export type Finding = z.infer<typeof findingSchema>;

/** A finding before it is known to which group it belongs. */
export type Judgement = Omit<Finding, "group">;

/** Nothing to do; or what a run does by itself: `fine("engine", "none answers", "starts one")`. */
export function fine(name: string, detail: string, runDoes?: string): Judgement {
  return { name, level: "fine", ok: true, detail, ...(runDoes !== undefined && { runDoes }) };
}

/** A run works, but slower, or without something. It does not count as missing. */
export function limited(name: string, detail: string, mend: string): Judgement {
  return { name, level: "limited", ok: true, detail, mend };
}

/** A run does not work before this is mended. */
export function missing(name: string, detail: string, mend: string): Judgement {
  return { name, level: "missing", ok: false, detail, mend };
}

/** A look that failed by itself: what it was about cannot be told. */
export function failedLook(name: string, error: unknown): Judgement {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const evidence = error instanceof HarnessError && error.evidence ? ` (${error.evidence.trim()})` : "";
  const mend =
    (error instanceof HarnessError && error.hint) || "make this look possible; it says nothing about the rest";
  return missing(name, `${message}${evidence}`, mend);
}
