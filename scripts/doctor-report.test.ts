import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { z } from "zod";
import { fine, type Finding, limited, missing } from "../clusters/finding.ts";
import { doctorReport, doctorReportSchema } from "./doctor-report.ts";

const schema = z.toJSONSchema(doctorReportSchema);
const findings: Finding[] = [
  { group: "machine", ...limited("clock", "no time server keeps it right", "`timedatectl set-ntp true`") },
  { group: "space", ...missing("disk", "1 GB free, expected 8 GB", "free 7 GB there") },
  { group: "programs", ...fine("engine", "no Docker engine answers", "starts one") },
  { group: "programs", ...fine("go", "go1.26.8") },
];
const report = doctorReport("lab", 2, findings);

test("A report counts its findings, and only a missing one makes it wrong.", () => {
  expect(report).toMatchObject({ ok: false, counts: { fine: 2, limited: 1, missing: 1 }, runDoes: ["starts one"] });
  const mended = doctorReport(
    "lab",
    2,
    findings.filter(({ ok }) => ok),
  );
  expect(mended).toMatchObject({ ok: true, counts: { fine: 2, limited: 1, missing: 0 } });
});

test("The published schema is that of the reports; `vitest --update` writes it.", async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("doctor.schema.json");
});

const validate = new Ajv2020().compile(schema);

test.for([
  ["with findings of every level", report],
  ["without any finding", doctorReport("lab", 1, [])],
] as const)("A report %s is valid, once it has been JSON.", ([, valid]) => {
  expect(validate(JSON.parse(JSON.stringify(valid))), JSON.stringify(validate.errors)).toBe(true);
});

const [first] = findings;
test.for([
  ["another format", { ...report, format: "vmesh-doctor/2" }],
  ["no provider", { ...report, provider: undefined }],
  ["a cluster without nodes", { ...report, nodes: 0 }],
  ["a level that is none", { ...report, findings: [{ ...first, level: "bad" }] }],
  ["a finding without detail", { ...report, findings: [{ ...first, detail: "" }] }],
  ["a key that nobody knows", { ...report, host: "a" }],
  ["a count too few", { ...report, counts: { fine: 1, limited: 0 } }],
] as const)("A report with %s is not valid.", ([, broken]) => {
  expect(validate(JSON.parse(JSON.stringify(broken)))).toBe(false);
});
