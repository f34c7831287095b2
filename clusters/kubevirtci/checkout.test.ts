import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { gitRepository } from "../upstream/upstream.fixture.ts";
import { describeRepository } from "../upstream/upstream-repository.ts";
import { type VersionSet, loadVersionSet } from "../version-set.ts";
import { checkoutOf } from "./checkout.ts";
import { parseSettings } from "./settings.ts";

const settings = parseSettings({});
const other = "0123456789abcdef0123456789abcdef01234567";

/** The stand-in of kubevirtci's scripts in a repository, a set that names it, and a cache that is empty. */
async function upstream() {
  const { url, commit } = await gitRepository(join(import.meta.dirname, "doubles/checkout"), "v1");
  const versions = { kubevirtci: "v1", "kubevirtci-provider": "k8s-1.34" };
  const repositories = { kubevirtci: url };
  const set: VersionSet = { name: "of-a-test", summary: "x", versions, images: {}, files: {}, repositories };
  const told: string[] = [];
  const log = createLog({ write: (line) => told.push(line) });
  const cacheDir = join(await temporaryFolder(), "cache");
  const lockOf = (pin: string) => ({ images: {}, files: {}, repositories: { [`${url}@v1`]: pin } });
  return { set, url, commit, told, lockOf, options: { cacheDir, log, signal: new AbortController().signal } };
}

describe("a clone", { timeout: 60_000 }, () => {
  test("of the commit that is locked is taken, then found in the cache, also offline.", async () => {
    const { set, url, commit, told, lockOf, options } = await upstream();
    const pinned = { ...options, lock: lockOf(commit) };
    const checkout = await checkoutOf(settings, set, pinned);
    expect(checkout).toMatchObject({ tag: "v1", provider: "k8s-1.34" });
    expect(existsSync(join(checkout.folder, "cluster-up/up.sh"))).toBe(true);
    expect(told.join("")).toContain(`cloning kubevirtci from ${url} at v1`);
    expect(await checkoutOf(settings, set, { ...pinned, offline: true })).toEqual(checkout);
    expect(told).toHaveLength(1);
  });

  test("of another commit is an error with both, and nothing of it is kept.", async () => {
    const { set, commit, lockOf, options } = await upstream();
    await expect(checkoutOf(settings, set, { ...options, lock: lockOf(other) })).rejects.toMatchObject({
      kind: "environment",
      message: expect.stringContaining("is not the commit that version set `of-a-test` pins"),
      evidence: `expected ${other}\ngot      ${commit}`,
    });
    expect(await readdir(options.cacheDir)).toEqual(["locks"]);
  });

  test("without a lock is told as unpinned, and does not count once there is a lock.", async () => {
    const { set, commit, told, lockOf, options } = await upstream();
    await checkoutOf(settings, set, options);
    expect(told.join("")).toContain("cloning kubevirtci, unpinned, from file:");
    await checkoutOf(settings, set, { ...options, offline: true });
    await expect(checkoutOf(settings, set, { ...options, lock: lockOf(commit), offline: true })).rejects.toMatchObject({
      kind: "environment",
    });
  });

  test("from the repository of the settings is held to the lock of the set's own, as it is the same tag.", async () => {
    const { set, url, commit, options } = await upstream();
    const elsewhere = { ...set, repositories: { kubevirtci: "https://upstream.example/kubevirtci.git" } };
    const mirror = parseSettings({ repository: url });
    const lock = { images: {}, files: {}, repositories: { "https://upstream.example/kubevirtci.git@v1": other } };
    await expect(checkoutOf(mirror, elsewhere, { ...options, lock })).rejects.toThrow("is not the commit");
    lock.repositories["https://upstream.example/kubevirtci.git@v1"] = commit;
    expect(await checkoutOf(mirror, elsewhere, { ...options, lock })).toMatchObject({ tag: "v1" });
  });

  test("that cannot be had says from where, and what else there is to do.", async () => {
    const { set, options } = await upstream();
    const gone = { ...set, repositories: { kubevirtci: `file://${options.cacheDir}/gone` } };
    await expect(checkoutOf(settings, gone, options)).rejects.toMatchObject({
      kind: "environment",
      message: expect.stringMatching(/^kubevirtci cannot be had from file:.*gone at the tag `v1`/),
      hint: expect.stringContaining("`settings.kubevirtci`"),
    });
    expect(await readdir(options.cacheDir)).toEqual(["locks"]);
  });
});

test("Offline, what the cache lacks is an error that says what to do.", async () => {
  const { set, options } = await upstream();
  await expect(checkoutOf(settings, set, { ...options, offline: true })).rejects.toMatchObject({
    kind: "environment",
    message: "Nothing may be fetched, and the cache lacks kubevirtci v1 of version set `of-a-test`.",
    hint: expect.stringMatching(/artifacts --set of-a-test --fetch.*`settings\.kubevirtci\.checkout`/),
  });
});

test("A repository that a set has not is a usage error with those that it has.", async () => {
  const set = await loadVersionSet("current");
  await expect(describeRepository(set, "kubevirtc", { cacheDir: "/nowhere" })).rejects.toMatchObject({
    kind: "usage",
    hint: "the nearest one is `kubevirtci`",
  });
});
