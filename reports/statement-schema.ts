import { z } from "zod";
import { reportSchema } from "./report-schema.ts";

/**
 * The version of the statement's schema. Within it keys are only added, as optional ones, and readers ignore those they
 * do not know; whatever else changes makes a new version.
 */
export const apiVersion = "vmesh.dev/v1";
export const kind = "ConformanceReport";
/** Names the schema; it is no address. */
export const schemaName = "urn:vmesh:report:v1";

const count = z.int().min(0);
const { profile, id, title, outcome } = reportSchema.shape.cases.element.shape;

const profileResult = z
  .object({
    result: z
      .enum(["passed", "partial", "failed", "error", "skipped", "none"])
      .describe("partial: some checks were skipped; skipped: all were; none: none was selected"),
    counts: z.object({ passed: count, flaky: count, failed: count, error: count, skipped: count }),
    of: count.optional().describe("how many checks there are, selected or not"),
  })
  .meta({ id: "profile", description: "What became of the checks of one profile." });

const remark = z
  .object({ id, title, profile, outcome, reason: z.string().describe("the first line of it") })
  .meta({ id: "remark", description: "A check that did not simply pass." });

/** The content of `report.json`: what a reader asks first, then the whole report for machines. */
export const statementSchema = z.object({
  $schema: z.literal(schemaName),
  apiVersion: z.literal(apiVersion),
  kind: z.literal(kind),
  ...reportSchema.shape,
  brokenStages: z.array(z.object({ title: z.string(), phase: z.enum(["setup", "teardown"]), reason: z.string() })),
  implementation: z
    .array(z.object({ name: z.string(), version: z.string() }))
    .describe("what was tested, Istio and KubeVirt first; empty if the run did not come to it"),
  counts: z
    .object({ passed: count, failed: count, skipped: count })
    .describe("a flaky check has passed; errors and broken stages count as failed"),
  profiles: z.object({ core: profileResult, extended: profileResult }),
  features: z.object({
    supported: z.array(z.string()),
    unsupported: z.array(
      z.object({
        name: z.string(),
        reason: z.string(),
        checks: z.array(z.string()).describe("those that were skipped for want of it"),
      }),
    ),
  }),
  failed: z.array(remark).describe("failures and errors"),
  flaky: z.array(remark),
  skipped: z.array(remark),
  endedAt: z.iso.datetime().describe("the last thing that happened"),
});

export type Statement = z.output<typeof statementSchema>;

/**
 * The schema for readers of other languages. It allows keys that it does not know; `closed` does not, which shows that
 * a writer writes nothing the schema does not tell of.
 */
export function jsonSchema({ closed = false } = {}): object {
  const { $schema, ...schema } = z.toJSONSchema(statementSchema, { io: closed ? "output" : "input" });
  const description = "The statement that vmesh makes about a run. Further keys may come without a new version.";
  return { $schema, $id: schemaName, title: "vmesh report", description, ...schema };
}
