import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { openReportFolder } from "./report-folder.ts";

const program = fileURLToPath(new URL("vmesh.ts", import.meta.url));

async function vmesh(...args: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-cli-"));
  await writeFile(join(folder, "misspelt.yaml"), "provder: lab\n");
  const env = { ...process.env, VMESH_CACHE: join(folder, "cache") };
  const result = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env,
    cwd: folder,
    timeout: 50_000,
  });
  const started = existsSync(join(folder, "cache")) || existsSync(join(folder, "reports"));
  await rm(folder, { recursive: true });
  return { ...result, started };
}

describe("the command line", { timeout: 60_000 }, () => {
  test("tells its version", async () => {
    expect(await vmesh("--version")).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
  });

  test.for([
    ["no command", [], "Usage: vmesh"],
    ["an unknown command", ["rum"], "Did you mean run?"],
    ["an unknown flag", ["run", "--profil", "core"], "Did you mean --profile?"],
    ["a value that is not allowed", ["run", "--junit", "loose"], "Allowed choices are default, strict."],
    ["a word for a number", ["run", "--nodes", "two"], "Expected a whole number."],
    ["a number that is not allowed", ["run", "--nodes", "0"], "--nodes"],
    ["an unknown provider", ["run", "--provider", "lap"], "There is no provider `lap`. Known: lab."],
    ["an unknown check", ["run", "--check", "nowhere/nothing"], "There is no check `nowhere/nothing`. Known: "],
    ["an unknown suite", ["list", "--suite", "nowhere"], "There is no suite `nowhere`. Known: "],
    ["an unknown tag", ["run", "--tag", "nothing"], "There is no tag `nothing`. Known: "],
    ["an unknown key in the file", ["run", "--config", "misspelt.yaml"], "the nearest one is `provider`"],
  ] as const)("ends with 2 and starts nothing for %s", async ([, args, message]) => {
    const { status, stderr, started } = await vmesh(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    expect(started).toBe(false);
  });

  test.for([[["run", "--cluster", "current"]], [["down"]]])(
    "ends with 3 if no cluster is up for %s",
    async ([args]) => {
      const { status, stderr } = await vmesh(...(args ?? []));
      expect(stderr).toBe("No cluster is up.\nTo mend it: start one with `scripts/vmesh up`\n");
      expect(status).toBe(3);
    },
  );
});

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
