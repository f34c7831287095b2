import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { lab } from "./lab.ts";

// The lab with real clusters: lab.contract.test.ts.

test(
  "The doctor says of every prerequisite whether it is met, and how to mend it if not.",
  { timeout: 60_000 },
  async () => {
    // Not there, as before the first run; and no program is found that would ask a registry.
    const cacheDir = join(await temporaryFolder(), "cache");
    vi.stubEnv("PATH", "/nowhere");
    // A finding that is wrong on any machine.
    vi.stubEnv("DOCKER_HOST", "tcp://192.0.2.9:2375");
    const findings = await lab.doctor({ nodes: 1, settings: {}, cacheDir });
    vi.unstubAllEnvs();
    expect(findings.find(({ name }) => name === "engine")).toMatchObject({ ok: false });
    for (const { name, ok, detail, mend } of findings) {
      expect(detail, name).not.toBe("");
      if (!ok) expect(mend, name).toMatch(/\w/);
    }
    expect(new Set(findings.map(({ name }) => name)).size).toBe(findings.length);
    expect(existsSync(cacheDir)).toBe(false);
  },
);

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
