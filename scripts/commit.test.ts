import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../lib/command.ts";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { timeouts } from "../lib/timeouts.ts";
import { commitOf } from "./commit.ts";

async function checkout(): Promise<string> {
  const folder = await temporaryFolder();
  const git = (...words: string[]) =>
    run("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.test", ...words], {
      timeoutMs: timeouts.shortCommand,
    });
  await git("init", "--quiet");
  await writeFile(join(folder, "file"), "1");
  await git("add", "file");
  await git("commit", "--quiet", "--message=one");
  await git("tag", "v1");
  return folder;
}

test("A checkout tells its commit, and whether files of it were changed.", async () => {
  const folder = await checkout();
  const commit = await commitOf(folder);
  expect(commit).toMatch(/^[0-9a-f]{12}$/);
  await writeFile(join(folder, "of-no-weight"), "1");
  expect(await commitOf(folder)).toBe(commit);
  await writeFile(join(folder, "file"), "2");
  expect(await commitOf(folder)).toBe(`${commit}-dirty`);
});

test("A folder inside of another checkout tells none.", async () => {
  const inner = join(await checkout(), "inner");
  await mkdir(inner);
  expect(await commitOf(inner)).toBeUndefined();
});

test("Where git does not tell there is none.", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, ".git"), "gitdir: nowhere");
  expect(await commitOf(folder)).toBeUndefined();
});
