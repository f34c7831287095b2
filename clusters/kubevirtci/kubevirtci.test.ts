import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { kubevirtci } from "./kubevirtci.ts";

// With the container CLI's double: kubevirtci.process.test.ts.

afterEach(() => void vi.unstubAllEnvs());

test("Without any program in PATH there is a finding for every look that fails.", async () => {
  vi.stubEnv("PATH", "/nowhere");
  const settings = { checkout: "/nowhere" };
  const findings = await kubevirtci.doctor({ nodes: 1, settings, cacheDir: await temporaryFolder() });
  expect(findings.find(({ name }) => name === "programs")).toMatchObject({ ok: false, mend: "install make, bash" });
  expect(findings.find(({ name }) => name === "engine")).toMatchObject({ ok: false });
});

test.each([
  [true, { level: "missing", mend: expect.stringContaining("--fetch") }],
  [false, { level: "fine", runDoes: expect.stringContaining("clones") }],
])(
  "Without a checkout and a clone in the cache, offline %s, the doctor says what it takes.",
  async (offline, finding) => {
    vi.stubEnv("PATH", "/nowhere");
    const findings = await kubevirtci.doctor({ nodes: 1, settings: {}, offline, cacheDir: await temporaryFolder() });
    expect(findings.find(({ name }) => name === "kubevirtci")).toMatchObject(finding);
  },
);
