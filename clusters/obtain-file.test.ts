import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import type { RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { createLog } from "../lib/log.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { obtainFile, type ObtainOptions, pinFile } from "./obtain-file.ts";
import { serveHttp } from "./upstream/upstream.fixture.ts";
import { parseVersionSet, type VersionSet } from "./version-set.ts";

const content = "apiVersion: v1\nkind: Namespace\n";
const sha256 = createHash("sha256").update(content).digest("hex");

/** The set's file `addons/a.yaml`, as its project would publish it. */
const upstream = "https://upstream.example/releases/1.2.3/a.yaml";
const set = parseVersionSet(
  "of-a-test",
  [
    "summary: for tests",
    "versions: { a: 1.2.3 }",
    "files:",
    "  addons/a.yaml: { url: 'https://upstream.example/releases/${a}/a.yaml' }",
    "  tool: { url: 'https://upstream.example/tool-${platform}.tar.gz', unpack: tool, executable: true }",
  ].join("\n"),
);

async function options(mirror: string, more: Partial<ObtainOptions> = {}) {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const log = createLog({ write: (line) => lines.push(line) });
  return { cacheDir: join(await temporaryFolder(), "cache"), mirror, log, signal, lines, ...more };
}

const pinned = { images: {}, files: { [upstream]: sha256 }, repositories: {} };
const answer = (text: string) => (_: unknown, response: ServerResponse) => void response.end(text);
const entriesIn = async (folder: string) => (await readdir(folder)).filter((name) => name !== "locks");

test("A file is fetched once, from the mirror at the upstream's path, and then found.", async () => {
  const asked: string[] = [];
  const mirror = await serveHttp((request, response) => {
    asked.push(request.url ?? "");
    response.end(content);
  });
  const given = await options(`${mirror}/up/`, { lock: pinned });
  const path = await obtainFile(set, "addons/a.yaml", given);
  expect(await obtainFile(set, "addons/a.yaml", given)).toBe(path);
  expect(path).toMatch(/\/a\.yaml$/);
  expect(await readFile(path, "utf8")).toBe(content);
  expect(asked).toEqual(["/up/releases/1.2.3/a.yaml"]);
  expect(given.lines.join("")).not.toContain("unpinned");
});

test("A file without an entry in the lock is told to be unpinned.", async () => {
  const given = await options(await serveHttp(answer(content)));
  await obtainFile(set, "addons/a.yaml", given);
  expect(given.lines.join("")).toMatch(/fetching addons\/a\.yaml, unpinned, from http/);
});

test("A file with another checksum is refused with both, and nothing of it stays.", async () => {
  const given = await options(await serveHttp(answer("something else")), { lock: pinned });
  const got = createHash("sha256").update("something else").digest("hex");
  await expect(obtainFile(set, "addons/a.yaml", given)).rejects.toMatchObject({
    kind: "environment",
    message: expect.stringContaining("is not the file that version set `of-a-test` pins"),
    evidence: `expected sha256 ${sha256}\ngot      sha256 ${got}`,
  });
  expect(await entriesIn(given.cacheDir)).toEqual([]);
});

test("A file that nothing is known of is not taken for the one of another place.", async () => {
  const given = await options(await serveHttp(answer(content)));
  const here = await obtainFile(set, "addons/a.yaml", given);
  const elsewhere = { ...given, mirror: await serveHttp(answer("something else")) };
  const there = await obtainFile(set, "addons/a.yaml", elsewhere);
  expect(await readFile(here, "utf8")).toBe(content);
  expect(await readFile(there, "utf8")).toBe("something else");
  // A pinned one is the same from everywhere.
  const locked = await obtainFile(set, "addons/a.yaml", { ...given, lock: pinned });
  expect(await obtainFile(set, "addons/a.yaml", { ...elsewhere, lock: pinned })).toBe(locked);
});

test("A file that was there unpinned is not taken for the one that a later lock names.", async () => {
  const mirror = await serveHttp(answer("something else"));
  const given = await options(mirror);
  await obtainFile(set, "addons/a.yaml", given);
  await expect(obtainFile(set, "addons/a.yaml", { ...given, lock: pinned })).rejects.toThrow("is not the file");
});

test("A redirect is followed, and the file checked all the same.", async () => {
  const mirror = await serveHttp((request, response) => {
    if (request.url === "/elsewhere") return void response.end(content);
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const path = await obtainFile(set, "addons/a.yaml", await options(mirror, { lock: pinned }));
  expect(await readFile(path, "utf8")).toBe(content);
});

describe("what is wrong with a server is an error of the environment", () => {
  // Only those that fall silent are not waited for as long as real ones.
  const cases: [string, RequestListener, RegExp, number?][] = [
    ["404", (_, response) => void response.writeHead(404).end("no such version"), /a\.yaml` answers with status 404/],
    [
      "a redirect to nothing",
      (request, response) =>
        void (request.url === "/gone" ? response.writeHead(410) : response.writeHead(302, { location: "/gone" })).end(),
      /\(redirected to `http:.*\/gone`\) answers with status 410/,
    ],
    ["a server that hangs", () => {}, /sent nothing for 0\.2 s \(`downloadSilence`\)\.$/, 200],
    [
      "a body that stops in the middle",
      (_, response) => void response.writeHead(200, { "content-length": "100" }).write("half"),
      /sent nothing for 1 s \(`downloadSilence`\) after 4 bytes/,
      1000,
    ],
    [
      "a body that ends early",
      (_, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("half", () => response.destroy());
      },
      /broke off after \d bytes/,
    ],
  ];
  test.each(cases)("%s.", async (_, listener, message, silenceMs) => {
    const given = await options(await serveHttp(listener), silenceMs === undefined ? {} : { silenceMs });
    await expect(obtainFile(set, "addons/a.yaml", given)).rejects.toMatchObject({
      kind: "environment",
      message: expect.stringMatching(message),
    });
    expect(await entriesIn(given.cacheDir)).toEqual([]);
  });

  test("a server that is not there, with what else can be done.", async () => {
    const given = await options("http://127.0.0.1:1");
    await expect(obtainFile(set, "addons/a.yaml", given)).rejects.toMatchObject({
      message: "`http://127.0.0.1:1/releases/1.2.3/a.yaml` cannot be fetched.",
      hint: expect.stringContaining("`mirror`"),
    });
  });
});

test("An interrupt ends a download, and is told as one.", async () => {
  const stop = new AbortController();
  const mirror = await serveHttp((_, response) => {
    response.write("half");
    stop.abort();
  });
  const given = await options(mirror, { signal: stop.signal });
  await expect(obtainFile(set, "addons/a.yaml", given)).rejects.toMatchObject({ kind: "interrupted" });
});

test("Of an archive the one file that is meant is kept, as a program, for the platform that is asked for.", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "in"));
  await writeFile(join(folder, "in/tool"), "#!/bin/sh\necho tool\n");
  await writeFile(join(folder, "in/LICENSE"), "not this");
  const archive = join(folder, "tool.tar.gz");
  await promisify(execFile)("tar", ["-czf", archive, "-C", join(folder, "in"), "tool", "LICENSE"]);
  const asked: string[] = [];
  const mirror = await serveHttp(async (request, response) => {
    asked.push(request.url ?? "");
    response.end(await readFile(archive));
  });
  const path = await obtainFile(set, "tool", await options(mirror, { platform: "linux-arm64" }));
  expect(asked).toEqual(["/tool-linux-arm64.tar.gz"]);
  const { stdout } = await promisify(execFile)(path);
  expect(stdout).toBe("tool\n");
  await expect(access(path, constants.X_OK)).resolves.toBeUndefined();
  expect(await readdir(join(path, ".."))).toEqual(["tool"]);
});

test("An archive without the file that is meant is an error that says so.", async () => {
  const given = await options(await serveHttp(answer("no archive")));
  await expect(obtainFile(set, "tool", given)).rejects.toMatchObject({ kind: "environment" });
  expect(await entriesIn(given.cacheDir)).toEqual([]);
});

test("Offline a file of the cache is taken, and of another one is said where it belongs.", async () => {
  let requests = 0;
  const mirror = await serveHttp((_, response) => {
    requests += 1;
    response.end(content);
  });
  const given = await options(mirror, { lock: pinned });
  const path = await obtainFile(set, "addons/a.yaml", given);
  expect(await obtainFile(set, "addons/a.yaml", { ...given, offline: true })).toBe(path);
  await expect(obtainFile(set, "addons/a.yaml", { ...given, offline: true, lock: undefined })).rejects.toMatchObject({
    kind: "environment",
    evidence: expect.stringMatching(/^addons\/a\.yaml\n {2}from http:\/\/127\.0\.0\.1:.*\n {2}to .*\/a\.yaml$/),
    hint: expect.stringContaining("artifacts --set of-a-test --fetch"),
  });
  expect(requests).toBe(1);
});

test("A file that is pinned comes fresh, and is in the cache for the lock that names it.", async () => {
  let requests = 0;
  const mirror = await serveHttp((_, response) => {
    requests += 1;
    response.end(content);
  });
  const given = await options(mirror);
  await obtainFile(set, "addons/a.yaml", given);
  expect(await pinFile(set, "addons/a.yaml", given)).toEqual({ url: upstream, sha256 });
  expect(requests).toBe(2);
  await obtainFile(set, "addons/a.yaml", { ...given, lock: pinned, offline: true });
});

test("A file that the set does not have is a usage error with the nearest one.", async () => {
  await expect(obtainFile(set, "addons/b.yaml", await options("http://127.0.0.1:1"))).rejects.toMatchObject({
    kind: "usage",
    hint: "the nearest one is `addons/a.yaml`",
  });
});

test("A set without files says that it has none.", async () => {
  const empty: VersionSet = { name: "empty", summary: "x", versions: {}, images: {}, files: {}, repositories: {} };
  await expect(obtainFile(empty, "a", await options("http://127.0.0.1:1"))).rejects.toThrow("It has: none.");
});
