import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { loadVersionSet } from "../version-set.ts";
import { judgeFiles } from "./judge-files.ts";
import { manifestFiles, obtainManifests } from "./obtain-manifests.ts";
import { serveHttp } from "./upstream.fixture.ts";

/** A mirror that serves of each file its own path, and a cache that has none yet. */
async function fetching() {
  const asked: string[] = [];
  const mirror = await serveHttp((request, response) => {
    asked.push(request.url ?? "");
    response.end(request.url);
  });
  const cacheDir = join(await temporaryFolder(), "cache");
  const log = createLog({ write: () => {} });
  return { asked, options: { cacheDir, mirror, log, signal: new AbortController().signal } };
}

test.each([
  ["missing", ["gateway-api", "grafana", "jaeger", "kiali", "loki", "prometheus"]],
  [["gateway-api"], ["gateway-api"]],
  [["istio", "kiali"], ["kiali"]],
  [[], []],
] as const)(
  "Where %j is to be installed, these manifests are had and nothing else is asked for.",
  async (install, expected) => {
    const { asked, options } = await fetching();
    const set = await loadVersionSet("current");
    const manifests = await obtainManifests(set, options, install);
    expect(Object.keys(manifests).toSorted()).toEqual(expected);
    expect(asked).toHaveLength(expected.length);
    expect(manifestFiles(set, install)).toHaveLength(expected.length);
    const gatewayApi = manifests["gateway-api"];
    if (gatewayApi) expect(await readFile(gatewayApi, "utf8")).toMatch(/\/standard-install\.yaml$/);
  },
);

test("A set without them has none.", async () => {
  const { asked, options } = await fetching();
  expect(await obtainManifests(await loadVersionSet("2023-istio-vms"), options)).toEqual({});
  expect(asked).toEqual([]);
});

test("What is not the file that the lock names is not taken.", async () => {
  const { options } = await fetching();
  const set = await loadVersionSet("current");
  const files = { [set.files["gateway-api.yaml"]?.url ?? ""]: "0".repeat(64) };
  const obtaining = obtainManifests(set, { ...options, lock: { images: {}, files, repositories: {} } }, [
    "gateway-api",
  ]);
  await expect(obtaining).rejects.toThrow("`gateway-api.yaml` from http://127.0.0.1");
});

test("Where nothing may be fetched, the finding names what the cache lacks, and what is there is used.", async () => {
  const { asked, options } = await fetching();
  const set = await loadVersionSet("current");
  const names = ["gateway-api.yaml", "addons/kiali.yaml"];
  const offline = { ...options, offline: true };
  expect(await judgeFiles(set, names, offline)).toMatchObject({
    level: "missing",
    detail: "may not be fetched, and the cache lacks 2 of `current`: gateway-api.yaml, addons/kiali.yaml",
    mend: expect.stringContaining("artifacts --set current --fetch"),
  });
  await expect(obtainManifests(set, offline, ["gateway-api"])).rejects.toThrow("Nothing may be fetched");
  expect(await judgeFiles(set, names, options)).toMatchObject({ level: "fine", runDoes: "fetches them" });
  expect(asked).toEqual([]);

  await obtainManifests(set, options, ["gateway-api", "kiali"]);
  expect(await judgeFiles(set, names, offline)).toMatchObject({ level: "fine" });
  expect(Object.keys(await obtainManifests(set, offline, ["gateway-api", "kiali"]))).toHaveLength(2);
  expect(asked).toHaveLength(2);
});
