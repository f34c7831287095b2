import { existsSync } from "node:fs";
import { mkdtemp, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openReportFolder } from "./report-folder.ts";

test("A report folder that cannot be written is an environment error that names it", async () => {
  await expect(openReportFolder("/dev/null/reports", "run-1")).rejects.toMatchObject({
    kind: "environment",
    message: "The report folder `/dev/null/reports` cannot be written.",
  });
});

test("`latest` always names the newest report folder", async () => {
  const out = await mkdtemp(join(tmpdir(), "vmesh-out-"));
  onTestFinished(() => rm(out, { recursive: true }));
  await openReportFolder(out, "run-1");
  const second = await openReportFolder(out, "run-2");
  expect(await readlink(join(out, "latest"))).toBe("run-2");
  expect(existsSync(second.diagnostics)).toBe(true);
});
