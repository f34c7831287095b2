import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { multipassDouble } from "../machines/doubles/multipass.fixture.ts";
import { k3sMultipass } from "./k3s-multipass.ts";

// With clusters of the doubles: k3s-multipass.process.test.ts.

afterEach(() => void vi.unstubAllEnvs());

test("A cluster of another provider, and a machine without Multipass, are nothing to clean.", async () => {
  const root = await temporaryFolder();
  const { state, program: multipass } = await multipassDouble(join(root, "double"));
  vi.stubEnv("MULTIPASS_DOUBLE", state);
  vi.stubEnv("PATH", "/nowhere");
  const options = { cacheDir: join(root, "cache"), settings: { multipass }, log: createLog({ write: () => {} }) };
  expect(await k3sMultipass.clean({ ...options, only: "vmesh-00aa11" })).toEqual([]);
  expect(await k3sMultipass.clean(options)).toEqual([]);
  expect(existsSync(join(state, "calls"))).toBe(false);
});
