import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { obtainFile } from "../clusters/obtain-file.ts";
import { obtainRepository } from "../clusters/upstream/obtain-repository.ts";
import { pushImage } from "../clusters/upstream/push-image.ts";
import { thisPlatform } from "../clusters/upstream/upstream-file.ts";
import {
  emptyRegistry,
  gitRepository,
  imageLayout,
  inFrontOf,
  noRegistry,
} from "../clusters/upstream/upstream.fixture.ts";
import { loadLock } from "../clusters/upstream/version-lock.ts";
import { parseVersionSet } from "../clusters/version-set.ts";
import { createLog } from "../lib/log.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { listArtifacts } from "./artifact-list.ts";
import { lockArtifacts } from "./artifact-lock.ts";
import { artifactText } from "./artifact-text.ts";

const set = parseVersionSet(
  "of-a-test",
  [
    "summary: for tests",
    "versions: { a: v1 }",
    "images: { demo/one: 'quay.io/demo/one:${a}' }",
    "files:",
    "  a.yaml: { url: 'https://upstream.example/${a}/a.yaml' }",
    "  tool: { url: 'https://upstream.example/${a}/tool-${platform}', executable: true }",
  ].join("\n"),
);
const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: a }
spec: { containers: [{ name: a, image: "docker.io/demo/two:v2" }] }
`;
const { signal } = new AbortController();

/** A mirror with both images, the manifest, and the tool for this machine alone; `gone` is missing. */
async function upstream(gone = "") {
  const registry = await emptyRegistry();
  const [one, two] = [await imageLayout("one"), await imageLayout("two")];
  await pushImage(one.folder, `${registry}/demo/one:v1`, { signal, plain: true });
  await pushImage(two.folder, `${registry}/demo/two:v2`, { signal, plain: true });
  const files: Record<string, string> = { "/v1/a.yaml": manifest, [`/v1/tool-${thisPlatform()}`]: "#!/bin/sh\n" };
  const mirror = await inFrontOf(`http://${registry}`, ({ url = "" }, response) => {
    const text = files[url];
    if (url.startsWith("/v2/") && !(gone && url.includes(gone))) return false;
    if (text === undefined || url === gone) response.writeHead(404);
    response.end(text);
    return true;
  });
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const folder = await temporaryFolder();
  const options = { cacheDir: join(folder, "cache"), mirror, log, signal };
  return { options, lines, one, two, path: join(folder, "of-a-test.lock.yaml") };
}

describe.skipIf(noRegistry)(`a lock${noRegistry ? ` (skipped: ${noRegistry})` : ""}`, { timeout: 60_000 }, () => {
  test("holds files and images by the upstream's names, and what a project does not publish stays unpinned.", async () => {
    const { options, lines, one, two, path } = await upstream();
    expect(await lockArtifacts(set, options, path)).toBe(path);
    expect(parse(await readFile(path, "utf8"))).toEqual({
      images: { "docker.io/demo/two:v2": two.digest, "quay.io/demo/one:v1": one.digest },
      files: {
        "https://upstream.example/v1/a.yaml": expect.stringMatching(/^[0-9a-f]{64}$/),
        [`https://upstream.example/v1/tool-${thisPlatform()}`]: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      repositories: {},
    });
    expect(lines.join("")).toContain("tool for linux-arm64 stays unpinned");

    const lock = await loadLock("of-a-test", path);
    const list = await listArtifacts(set, { ...options, lock });
    expect(list).toMatchObject({
      unpinned: 0,
      files: [
        { name: "a.yaml", cached: true },
        { name: "tool", cached: true },
      ],
      images: [
        { usedBy: "demo/one", reference: "quay.io/demo/one:v1", digest: one.digest, cached: false },
        { usedBy: "a.yaml", reference: "docker.io/demo/two:v2", digest: two.digest, cached: false },
      ],
    });
    expect(list.images[0]?.from).toBe(`${options.mirror.replace("http://", "")}/demo/one:v1@${one.digest}`);
    expect(artifactText(list)).toMatch(/\n4 of 4 are pinned\.$/);
    await obtainFile(set, "tool", { ...options, lock, offline: true });
  });

  test.each([
    ["/v1/a.yaml", /a\.yaml` answers with status 404/],
    ["/demo/two/manifests/", /status 404 for `demo\/two:v2`/],
  ])("is not written while something cannot be had, and says what: %s.", async (gone, evidence) => {
    const { options, path } = await upstream(gone);
    await expect(lockArtifacts(set, options, path)).rejects.toMatchObject({
      kind: "environment",
      evidence: expect.stringMatching(evidence),
    });
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });
});

test("A lock holds the commit of a repository's tag, not the tag's own name, and not what is no tag.", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "a"), "a");
  const { url, commit } = await gitRepository(folder, "v1");
  const scripts = { ...set, images: {}, files: {}, versions: { scripts: "v1" }, repositories: { scripts: url } };
  const log = createLog({ write: () => {} });
  const [options, path] = [{ cacheDir: join(folder, "cache"), log, signal }, join(folder, "of-a-test.lock.yaml")];
  const lock = await loadLock("of-a-test", await lockArtifacts(scripts, options, path));
  expect(lock.repositories).toEqual({ [`${url}@v1`]: commit });

  const list = await listArtifacts(scripts, { ...options, lock });
  expect(list).toMatchObject({
    unpinned: 0,
    repositories: [{ name: "scripts", url, tag: "v1", commit, cached: false }],
  });
  expect(artifactText(list)).toContain(`scripts  ${url}@v1  (commit ${commit.slice(0, 12)})\n`);
  await obtainRepository(scripts, "scripts", { ...options, lock });
  expect(artifactText(await listArtifacts(scripts, { ...options, lock }))).toContain(", in the cache)");

  const other = { ...scripts, versions: { scripts: "v2" } };
  await expect(lockArtifacts(other, options, path)).rejects.toMatchObject({
    kind: "environment",
    evidence: expect.stringMatching(/scripts cannot be had from file:.* at the tag `v2`/),
  });
});

test("Without a lock everything is unpinned, and manifests that are not there yet are told.", async () => {
  const options = { cacheDir: join(await temporaryFolder(), "cache"), mirror: "mirror.example" };
  const repositories = { a: "https://git.example/demo/a.git" };
  const list = await listArtifacts({ ...set, repositories }, options);
  expect(list.unpinned).toBe(4);
  expect(artifactText(list).split("\n")).toEqual([
    "version set `of-a-test`: for tests",
    "a.yaml    https://mirror.example/v1/a.yaml  (unpinned)",
    `tool      https://mirror.example/v1/tool-${thisPlatform()}  (unpinned)`,
    "demo/one  mirror.example/demo/one:v1  (unpinned)",
    "a         https://mirror.example/demo/a.git@v1  (unpinned)",
    "0 of 4 are pinned. Images that 1 manifests name are known once `--fetch` has brought them.",
  ]);
});

test("A lock that is none is an error that says how to write it anew.", async () => {
  const path = join(await temporaryFolder(), "x.lock.yaml");
  await writeFile(path, "files: { 'https://a.example/a': none }\n");
  await expect(loadLock("x", path)).rejects.toMatchObject({
    kind: "environment",
    evidence: expect.stringContaining("64 hexadecimal digits"),
    hint: expect.stringContaining("artifacts --set x --lock"),
  });
});
