import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { parseVersionSet } from "../version-set.ts";
import { currentDigest, obtainImage, type ObtainImageOptions } from "./obtain-image.ts";
import { pushImage } from "./push-image.ts";
import { emptyRegistry, imageLayout, inFrontOf, listType, noRegistry, serveHttp } from "./upstream.fixture.ts";
import { emptyLock } from "./version-lock.ts";

const set = parseVersionSet(
  "of-a-test",
  "summary: x\nversions: { a: v1 }\nimages: { demo/one: 'quay.io/demo/one:${a}', demo/two: 'docker.io/demo/two:${a}' }",
);
const { signal } = new AbortController();
const linux = { platform: "linux-amd64" };

async function options(mirror: string, more: Partial<ObtainImageOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  return {
    cacheDir: join(await temporaryFolder(), "cache"),
    mirror,
    lock: emptyLock(),
    log,
    signal,
    lines,
    ...linux,
    ...more,
  };
}
const entriesIn = async (folder: string) => (await readdir(folder)).filter((name) => name !== "locks");
const lockOf = (digest: string) => ({ images: { "quay.io/demo/one:v1": digest }, files: {}, repositories: {} });
const blobsIn = async (folder: string) => (await readdir(join(folder, "blobs/sha256"))).toSorted();

describe.skipIf(noRegistry)(
  `from a real registry${noRegistry ? ` (skipped: ${noRegistry})` : ""}`,
  { timeout: 60_000 },
  () => {
    test("An image comes as it is, once, from the mirror at the upstream's name.", async () => {
      const registry = await emptyRegistry();
      const made = await imageLayout("hello");
      await pushImage(made.folder, `${registry}/up/demo/one:v1`, { signal, plain: true });
      const given = await options(`http://${registry}/up`, { lock: lockOf(made.digest) });
      const folder = await obtainImage(set, "demo/one", given);
      expect(await blobsIn(folder)).toEqual(await blobsIn(made.folder));
      expect(JSON.parse(await readFile(join(folder, "index.json"), "utf8"))).toEqual(
        JSON.parse(await readFile(join(made.folder, "index.json"), "utf8")),
      );
      expect(await obtainImage(set, "demo/one", { ...given, mirror: "http://127.0.0.1:1", offline: true })).toBe(
        folder,
      );
      expect(given.lines.join("")).not.toContain("unpinned");
    });

    test("What was pulled can be pushed elsewhere, also twice, and is the same image there.", async () => {
      const [from, to] = [await emptyRegistry(), await emptyRegistry()];
      const made = await imageLayout("hello");
      await pushImage(made.folder, `${from}/demo/one:v1`, { signal, plain: true });
      const folder = await obtainImage(set, "demo/one", await options(`http://${from}`));
      await pushImage(folder, `${to}/demo/one:v1`, { signal, plain: true });
      await pushImage(folder, `${to}/demo/one:again`, { signal, plain: true });
      expect(await currentDigest(set, "demo/one", await options(`http://${to}`))).toBe(made.digest);
    });

    test("Of a list the image of the platform is taken, and the list's digest is the one that is locked.", async () => {
      const registry = await emptyRegistry();
      const [amd64, arm64] = [await imageLayout("for amd64"), await imageLayout("for arm64")];
      for (const { folder, digest } of [amd64, arm64]) {
        await pushImage(folder, `${registry}/demo/one:${digest.slice(7, 19)}`, { signal, plain: true });
      }
      const entry = (made: typeof amd64, architecture: string) => ({
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: made.digest,
        size: made.manifest.length,
        platform: { os: "linux", architecture },
      });
      const list = { schemaVersion: 2, mediaType: listType, manifests: [entry(amd64, "amd64"), entry(arm64, "arm64")] };
      const url = `http://${registry}/v2/demo/one/manifests/v1`;
      const put = { method: "PUT", headers: { "content-type": listType }, body: JSON.stringify(list) };
      expect((await fetch(url, put)).status).toBe(201);

      const given = await options(`http://${registry}`);
      const lock = lockOf(await currentDigest(set, "demo/one", given));
      expect(lock.images["quay.io/demo/one:v1"]).not.toBe(amd64.digest);
      const folder = await obtainImage(set, "demo/one", { ...given, lock, platform: "linux-arm64" });
      expect(await blobsIn(folder)).toEqual(await blobsIn(arm64.folder));
      await expect(obtainImage(set, "demo/one", { ...given, lock, platform: "linux-s390x" })).rejects.toMatchObject({
        message: "`quay.io/demo/one:v1` has no image for linux-s390x.",
        evidence: "it has: linux-amd64, linux-arm64",
      });
    });

    test("A tag that has moved away from its lock is not taken for it.", async () => {
      const registry = await emptyRegistry();
      const [before, now] = [await imageLayout("before"), await imageLayout("now")];
      await pushImage(now.folder, `${registry}/demo/one:v1`, { signal, plain: true });
      const given = await options(`http://${registry}`, { lock: lockOf(before.digest) });
      await expect(obtainImage(set, "demo/one", given)).rejects.toMatchObject({
        kind: "environment",
        message: expect.stringContaining("answers with status 404"),
      });
      expect(await entriesIn(given.cacheDir)).toEqual([]);
    });

    test("A registry that wants a token gets the one that it names, for the repository.", async () => {
      const registry = await emptyRegistry();
      const made = await imageLayout("hello");
      await pushImage(made.folder, `${registry}/demo/one:v1`, { signal, plain: true });
      const asked: string[] = [];
      const mirror: string = await inFrontOf(`http://${registry}`, (request, response) => {
        if (request.url?.startsWith("/token")) {
          asked.push(request.url);
          response.end(JSON.stringify({ token: "of-the-test" }));
          return true;
        }
        if (request.headers.authorization === "Bearer of-the-test") return false;
        const challenge = `Bearer realm="${mirror}/token",service="demo",scope="repository:demo/one:pull"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
        return true;
      });
      await obtainImage(set, "demo/one", await options(mirror));
      expect(asked).toEqual(["/token?service=demo&scope=repository%3Ademo%2Fone%3Apull"]);
    });

    test("A registry that serves something else than it names is refused, and nothing of it stays.", async () => {
      const registry = await emptyRegistry();
      const made = await imageLayout("hello");
      await pushImage(made.folder, `${registry}/demo/one:v1`, { signal, plain: true });
      const wrongBlob = await inFrontOf(`http://${registry}`, (request, response) => {
        if (!request.url?.includes("/blobs/")) return false;
        response.end("something else");
        return true;
      });
      const given = await options(wrongBlob);
      await expect(obtainImage(set, "demo/one", given)).rejects.toThrow("is not what its name says");
      const wrongManifest = await inFrontOf(`http://${registry}`, (request, response) => {
        if (!request.url?.includes("/manifests/")) return false;
        response.end("{}");
        return true;
      });
      const locked = { ...given, mirror: wrongManifest, lock: lockOf(made.digest) };
      await expect(obtainImage(set, "demo/one", locked)).rejects.toMatchObject({
        message: "The registry serves another manifest of `demo/one` than was asked for.",
        evidence: expect.stringContaining(`expected ${made.digest}`),
      });
      expect(await entriesIn(given.cacheDir)).toEqual([]);
    });
  },
);

describe("what a registry says instead of an image is told", () => {
  test.each([
    [401, "it needs a login"],
    [404, "whether the mirror has it"],
    [429, "too many requests"],
  ])("status %i, with what it means.", async (status, hint) => {
    const mirror = await serveHttp((_, response) => void response.writeHead(status).end("no"));
    await expect(obtainImage(set, "demo/one", await options(mirror))).rejects.toMatchObject({
      kind: "environment",
      message: expect.stringMatching(new RegExp(`answers with status ${status} for \`demo/one:v1\``)),
      evidence: "no",
      hint: expect.stringContaining(hint),
    });
  });

  test("no answer at all, with what else can be done.", async () => {
    await expect(obtainImage(set, "demo/one", await options("http://127.0.0.1:1"))).rejects.toMatchObject({
      message: "The registry 127.0.0.1:1 cannot be asked.",
      hint: expect.stringContaining("`mirror`"),
    });
  });

  test("a manifest of a kind that vmesh does not know.", async () => {
    const mirror = await serveHttp((_, response) => void response.end(JSON.stringify({ schemaVersion: 1 })));
    await expect(obtainImage(set, "demo/one", await options(mirror))).rejects.toMatchObject({
      message: "The manifest of `quay.io/demo/one:v1` is of no kind that vmesh knows.",
      evidence: expect.stringContaining("config"),
    });
  });

  test("an answer that never comes, by the name of its limit.", async () => {
    const given = await options(await serveHttp(() => {}), { silenceMs: 200 });
    await expect(obtainImage(set, "demo/one", given)).rejects.toMatchObject({
      kind: "environment",
      message: expect.stringMatching(/did not answer within 0\.2 s \(`downloadSilence`\)/),
    });
  });
});

test("An image that is not in the cache is an error where nothing may be fetched, with where it belongs.", async () => {
  const given = await options("http://127.0.0.1:1", { offline: true });
  await expect(obtainImage(set, "demo/two", given)).rejects.toMatchObject({
    kind: "environment",
    evidence: expect.stringMatching(/^demo\/two\n {2}from 127\.0\.0\.1:1\/demo\/two:v1\n {2}to .*\/image-demo-two-/),
  });
});
