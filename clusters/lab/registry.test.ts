import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isAlive, readDaemon } from "./daemon.ts";
import { registryConfig, startRegistry, stopRegistry, type RegistryOptions } from "./registry.ts";

test.for([true, false])("the configuration listens on one address only and is read-only: %s", (readOnly) => {
  const config = parse(registryConfig({ storage: "/cache/images", endpoint: "127.0.0.1:5001", readOnly, secret: "s" }));
  expect(config).toMatchObject({
    http: { addr: "127.0.0.1:5001", secret: "s" },
    storage: { filesystem: { rootdirectory: "/cache/images" }, maintenance: { readonly: { enabled: readOnly } } },
  });
});

const reason = existsSync("/usr/bin/docker-registry") ? undefined : "needs Debian's `docker-registry`";

describe.skipIf(reason)(
  `a running registry${reason ? ` (skipped: ${reason})` : ""}`,
  () => {
    let folder: string;
    let options: RegistryOptions;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "vmesh-registry-"));
      const [storage, stateDir] = [join(folder, "images"), join(folder, "state")];
      options = { storage, stateDir, address: "127.0.0.1", readOnly: false };
    });
    afterEach(async () => {
      await stopRegistry(options.stateDir);
      await rm(folder, { recursive: true });
    });
    const upload = async (endpoint: string) =>
      (await fetch(`http://${endpoint}/v2/vmesh/part/blobs/uploads/`, { method: "POST" })).status;

    test("takes pushes when it may, answers on its address, and is gone after stop", async () => {
      const registry = await startRegistry(options);
      const daemon = await readDaemon(join(options.stateDir, "registry.pid"));

      expect(registry.endpoint).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(await upload(registry.endpoint)).toBe(202);
      await registry.stop();
      await registry.stop();
      expect(daemon && (await isAlive(daemon))).toBe(false);
      await expect(fetch(`http://${registry.endpoint}/v2/`)).rejects.toThrow("fetch failed");
    });

    test("refuses pushes when it is read-only", async () => {
      const registry = await startRegistry({ ...options, readOnly: true });
      expect(await upload(registry.endpoint)).toBe(405);
    });

    test("takes the place of one that an earlier process left in the same state folder", async () => {
      const left = await startRegistry(options);
      const registry = await startRegistry(options);
      expect((await fetch(`http://${registry.endpoint}/v2/`)).status).toBe(200);
      if (left.endpoint !== registry.endpoint) await expect(fetch(`http://${left.endpoint}/v2/`)).rejects.toThrow();
    });

    test("is an error with its own log where the port is taken, even if the other one answers", async () => {
      const other = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
      await new Promise((resolve) => other.once("listening", resolve));
      const bound = other.address();
      const port = typeof bound === "object" && bound ? bound.port : 0;
      await expect(startRegistry({ ...options, port })).rejects.toMatchObject({
        message: expect.stringMatching(/The registry at 127\.0\.0\.1:\d+ /),
        evidence: expect.stringContaining("address already in use"),
      });
      other.close();
    });
  },
  60_000,
);
