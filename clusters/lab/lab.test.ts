import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { lab } from "./lab.ts";

// The lab with real clusters: lab.contract.test.ts.

test("The doctor says of every prerequisite whether it is met, and how to mend it if not.", async () => {
  const cacheDir = join(await temporaryFolder(), "cache");
  // Ranges that collide with the loopback interface and with each other: two findings that are wrong on any machine.
  const settings = { podSubnet: "127.0.0.0/16", serviceSubnet: "127.0.0.0/16" };
  const findings = await lab.doctor({ nodes: 1, settings, cacheDir });
  expect(findings.find(({ name }) => name === "subnets")).toMatchObject({ ok: false });
  for (const { name, ok, detail, mend } of findings) {
    expect(detail, name).not.toBe("");
    if (!ok) expect(mend, name).toMatch(/\w/);
  }
  expect(new Set(findings.map(({ name }) => name)).size).toBe(findings.length);
  expect(existsSync(cacheDir)).toBe(false);
});

test.each([
  [{ podSubnets: "10.1.0.0/16" }, "podSubnets"],
  [{ podSubnet: "10.1" }, "podSubnet"],
])("A section with a mistake is a usage error before anything is started: %j.", async (settings, key) => {
  const stateDir = await temporaryFolder();
  const options = { clusterId: "t", cacheDir: join(stateDir, "cache"), stateDir, nodes: 1, log: createLog() };
  const creation = lab.create({ ...options, settings }, new AbortController().signal);
  await expect(creation).rejects.toMatchObject({ kind: "usage", evidence: expect.stringContaining(key) });
  expect(existsSync(options.cacheDir)).toBe(false);
});
