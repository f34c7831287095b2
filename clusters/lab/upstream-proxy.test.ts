import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../lib/command.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { imageLayout } from "../upstream/upstream.fixture.ts";
import { hasIstioFilters, proxyOfImage } from "./upstream-proxy.ts";

/** An archive with these files; compressed, as layers of released images are. */
async function layer(files: Record<string, string>): Promise<Buffer> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, "in", path)), { recursive: true });
    await writeFile(join(folder, "in", path), text);
  }
  const archive = join(folder, "layer.tar.gz");
  await run("tar", ["-czf", archive, "-C", join(folder, "in"), ...Object.keys(files)], { timeoutMs: 10_000 });
  return readFile(archive);
}

async function options() {
  const sidecar = join(await temporaryFolder(), "sidecar-0123456789abcdef");
  await mkdir(sidecar);
  for (const name of ["istio-start.sh", "istio.service", "sidecar.env"]) await writeFile(join(sidecar, name), name);
  const log = createLog({ write: () => {} });
  return { sidecar, cacheDir: join(await temporaryFolder(), "cache"), log, signal: new AbortController().signal };
}

test("Agent, Envoy and its bootstrap come out of the image, each from the highest layer that has it.", async () => {
  const made = await imageLayout(
    await layer({ "etc/os-release": "ubuntu", "usr/local/bin/envoy": "an earlier envoy" }),
    await layer({ "usr/local/bin/envoy": "envoy", "usr/local/bin/pilot-agent": "agent" }),
    await layer({ "var/lib/istio/envoy/envoy_bootstrap_tmpl.json": "{}" }),
  );
  const { sidecar, ...given } = await options();
  const folder = await proxyOfImage(made.folder, sidecar, given);
  const textOf = (name: string) => readFile(join(folder, name), "utf8");
  expect(await textOf("envoy")).toBe("envoy");
  expect(await textOf("pilot-agent")).toBe("agent");
  expect(await textOf("envoy_bootstrap.json")).toBe("{}");
  expect(await textOf("istio.service")).toBe("istio.service");
});

test.each([
  ["Istio's own", `${"x".repeat((1 << 20) - 9)}envoy.tcp.metadataexchange.config`, true],
  ["upstream's", "x".repeat(1 << 21), false],
])("The build of an Envoy is told by what is in it: %s.", async (_, content, own) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "envoy"), content);
  expect(await hasIstioFilters(folder)).toBe(own);
});

test("An image that is no proxy of Istio's is an error that says what it lacks.", async () => {
  const made = await imageLayout(await layer({ "usr/local/bin/envoy": "envoy" }));
  const { sidecar, ...given } = await options();
  await expect(proxyOfImage(made.folder, sidecar, given)).rejects.toMatchObject({
    kind: "environment",
    message: "The image of Istio's proxy has no `/usr/local/bin/pilot-agent`.",
  });
});
