import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../lib/temporary-folder.ts";
import { searchFor } from "./canary-search.ts";

const value = "pl4nted value/of+some length";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const token = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${"payload-".repeat(4)}.${"signature".repeat(3)}`;
const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEF/+x\n".repeat(2)}QUJDREVGR0hJSktMTU5PUA==\n-----END PRIVATE KEY-----\n`;
const canaries = [
  { name: "a word", value },
  { name: "a token", value: token },
  { name: "a key", value: key },
  { name: "a short one", value: "too-short" },
];

async function found(files: Record<string, string | Buffer>) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return searchFor(canaries, folder);
}

describe("A canary is found", () => {
  test.for([
    ["as it is", `x${value}y`, "a word"],
    ["in JSON", JSON.stringify({ a: key }), "a key"],
    ["in a URL", encodeURIComponent(value), "a word"],
    ["in base64, wherever it begins", base64(`ab${value}c`), "a word"],
    ["in what is no text", Buffer.concat([Buffer.of(0, 255, 254), Buffer.from(value), Buffer.of(0)]), "a word"],
    ["beyond the first piece of a large file", `${"-".repeat(3_999_990)}${value}`, "a word"],
    ["of a key by its last line alone", "QUJDREVGR0hJSktMTU5PUA==", "a key"],
    ["of a token by its payload alone", `[masked].${"payload-".repeat(4)}`, "a token"],
    ["of a token by its signature alone", "signature".repeat(3), "a token"],
  ] as const)("%s.", async ([, content, name]) => {
    expect(await found({ "deep/er/file": content, other: "nothing" })).toEqual([{ file: "deep/er/file", name }]);
  });

  test("in the name of a file, and behind the link that names the latest run.", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "run"));
    await writeFile(join(folder, "run", "pl4nted-name-of-a-file.log"), "");
    await symlink("run", join(folder, "latest"));
    const canary = { name: "a name", value: "pl4nted-name-of-a-file" };
    expect(await searchFor([canary], join(folder, "latest"))).toEqual([
      { file: "pl4nted-name-of-a-file.log", name: "a name" },
    ]);
  });
});

test("What is too short, only begins like a canary, or is the same for many is not found.", async () => {
  const [header] = token.split(".");
  const files = {
    a: "too-short",
    b: value.slice(0, 20),
    c: "-----BEGIN PRIVATE KEY-----\n[masked]",
    d: `${header}.[masked]`,
  };
  expect(await found(files)).toEqual([]);
});

test("A folder without files is an error.", async () => {
  await expect(searchFor(canaries, await temporaryFolder())).rejects.toThrow("there is nothing to search");
});
