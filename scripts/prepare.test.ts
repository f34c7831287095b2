import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../lib/config.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { meantCluster } from "./prepare.ts";

const kubeconfig = `
clusters: [{ name: c, cluster: { server: "https://192.0.2.1:6443" } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`;

/** What `--cluster` of this value makes of a configuration that has a section for the provider already. */
async function meant(cluster: string | undefined) {
  const settings = { kubeconfig: { context: "x" } };
  const config = await meantCluster(await loadConfig({ cluster, settings }));
  return { cluster: config.cluster, provider: config.provider, settings: config.settings };
}

test("`--cluster kubeconfig` is the provider of that name.", async () => {
  const settings = { kubeconfig: { context: "x" } };
  expect(await meant("kubeconfig")).toEqual({ cluster: undefined, provider: "kubeconfig", settings });
});

test("`--cluster` with a kubeconfig file is that provider with this file, whatever its name.", async () => {
  const path = join(await temporaryFolder(), "any name");
  await writeFile(path, kubeconfig);
  const settings = { kubeconfig: { context: "x", kubeconfig: path } };
  expect(await meant(path)).toEqual({ cluster: undefined, provider: "kubeconfig", settings });
});

test.each(["current", "/nowhere/environment.json"])("`--cluster %s` stays what it was.", async (cluster) => {
  expect(await meant(cluster)).toMatchObject({ cluster, provider: "lab" });
});

test("An environment file is none, nor is a file of something else.", async () => {
  const folder = await temporaryFolder();
  for (const text of ['{ "clusterId": "c", "kubeconfig": "/k" }', "- a\n- : b: c\n"]) {
    const path = join(folder, "file");
    await writeFile(path, text);
    expect(await meant(path)).toMatchObject({ cluster: path, provider: "lab" });
  }
});
