import { z } from "zod";
import type { SpiffeId } from "../lib/traffic.ts";

// The shape of `RunReport` for whatever comes from a file; a test holds the two to each other.

const profile = z.enum(["core", "extended"]);
const tryOutcome = z.enum(["passed", "failed", "error", "skipped"]);
const time = z.iso.datetime().describe("ISO 8601, UTC");
const texts = z.array(z.string());
const labels = z.record(z.string(), z.union([z.string(), z.number()]));
const milliseconds = z.number().optional();
const count = z.int().min(0);
/** The brand that SPIFFE ids carry in our types has no counterpart in JSON. */
const identity = z.string().regex(/^spiffe:\/\//) as unknown as z.ZodType<SpiffeId>;
const peerKind = z.enum(["pod", "vmi", "vm"]);

const failure = z
  .object({
    type: z.string().describe("class of the error"),
    message: z.string(),
    stack: z.string().optional(),
    expected: z.string().optional(),
    actual: z.string().optional(),
  })
  .meta({ id: "failure", description: "Why a check or a stage is red." });

const peerName = z
  .object({
    name: z.string(),
    namespace: z.string(),
    kind: peerKind,
    identity: identity.optional().describe("absent outside the mesh"),
  })
  .meta({ id: "peer", description: "Who called." });

const destination = peerName
  .extend({ kind: z.enum([...peerKind.options, "host"]) })
  .meta({ id: "destination", description: "Who was called; a `host` is outside cluster and mesh." });

const call = z
  .object({
    from: peerName,
    url: z.string(),
    to: destination.optional().describe("who answered or was asked, where the check knows it"),
    count: z.number().describe("how often"),
    expected: z.string().describe('completes "the exchange is …"'),
    unexpected: z.string().optional().describe("how they ended instead; absent if as expected"),
    by: z.string().optional().describe("name of the server that answered, if one of ours did"),
    as: identity.optional().describe("the client's identity as the server's proxy verified it"),
    refusal: z
      .object({ by: z.enum(["server's proxy", "client's proxy", "node", "host"]), because: z.string() })
      .optional()
      .describe("who was expected to refuse it, and why"),
    medianMs: z.number(),
    maxMs: z.number(),
  })
  .meta({ id: "call", description: "Requests of one peer to one place that ended alike." });

const milestones = z
  .object({
    name: z.string(),
    namespace: z.string(),
    kind: peerKind,
    identity: identity.optional().describe("absent outside the mesh"),
    runningMs: milliseconds,
    readyMs: milliseconds,
    firstMtlsMs: milliseconds,
  })
  .meta({ id: "milestones", description: "How long a workload took, in milliseconds from when it was applied." });

const tryReport = z
  .object({
    repetition: z.number(),
    attempt: z.number().describe("within the repetition, from 1"),
    outcome: tryOutcome,
    failure: failure.optional(),
    startedAt: time.optional(),
    seconds: z.number(),
    properties: labels.optional(),
    calls: z.array(call).optional(),
    milestones: z.array(milestones).optional(),
    attachments: texts,
  })
  .meta({ id: "try", description: "One of several tries of a check." });

const caseReport = z
  .object({
    id: z.string().describe("`area/name`, stable between runs"),
    suite: z.string(),
    name: z.string(),
    title: z.string().describe("the one sentence that the check proves"),
    profile,
    tags: texts,
    source: z.string().optional().describe("the document it comes from"),
    needs: texts.describe("capabilities without which it is skipped"),
    serial: z.boolean(),
    outcome: z.enum([...tryOutcome.options, "flaky"]).describe("`failed` is the product's fault, `error` is not"),
    tries: z.array(tryReport).describe("empty where there was one alone"),
    reason: z.string().optional().describe("why it was skipped"),
    failure: failure.optional(),
    startedAt: time.optional().describe("absent if it never started"),
    seconds: z.number(),
    properties: labels.describe("measured numbers and labels"),
    calls: z.array(call),
    milestones: z.array(milestones),
    attachments: texts.describe("evidence, relative to the folder of this file"),
    output: z.string().optional(),
  })
  .meta({ id: "case", description: "One check as it ended." });

const stage = z
  .object({
    title: z.string(),
    phase: z.enum(["setup", "teardown"]),
    startedAt: time,
    seconds: z.number(),
    outcome: z.enum(["passed", "failed", "interrupted"]),
    error: failure.optional(),
    attachments: texts.optional().describe("evidence files, relative to the report folder"),
  })
  .meta({ id: "stage", description: "A step of the run around the checks." });

export const reportSchema = z.object({
  runId: z.string(),
  vmesh: z.string().describe("version of vmesh itself"),
  commit: z.string().optional().describe("of its code, with `-dirty` if that was changed; absent outside of git"),
  clusterId: z.string(),
  provider: z.string().describe("what the cluster came from"),
  nodes: z.int().min(1),
  host: labels.describe("facts about the machine that bear on speed"),
  seed: z.number().describe("of the order in which checks ran"),
  selection: z.record(z.string(), texts).describe("as the user gave it; an empty list selects everything"),
  catalog: z
    .object({ core: count, extended: count })
    .optional()
    .describe("how many checks there are of each profile, selected or not"),
  reproduce: z.string().describe("the command that repeats the run"),
  requireAll: z.boolean(),
  failOnFlaky: z.boolean(),
  startedAt: time,
  seconds: z.number(),
  versions: z.record(z.string(), z.string()),
  capabilities: z.record(z.string(), z.union([z.literal(true), z.string()])).describe("`true`, or why it is not there"),
  stages: z.array(stage),
  cases: z.array(caseReport),
  interruption: z.string().optional().describe("what ended the run early"),
  finished: z.boolean().describe("false while the run goes on, and for good if its process was killed"),
  verdict: z.enum(["conformant", "partial", "failed", "error", "interrupted"]),
  exitCode: z.int().min(0).max(5),
});
