import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadCatalog } from "./catalog.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const library = new URL("./test.ts", import.meta.url).href;
const definition = `{ title: "It works.", profile: "core", tags: ["t"], source: "seed", rows: ["T1"], needs: ["istio"], serial: true }`;

async function suites(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), `import { check } from ${JSON.stringify(library)};\n${text}\n`);
  }
  return folder;
}

test("A catalog lists every check, named by its file, without running one.", async () => {
  const bodyThatFails = "async () => { throw new Error('run'); }";
  const folder = await suites({
    "area/second.test.ts": `check(${definition.replace("serial: true", "")}, ${bodyThatFails});`,
    "area/first.test.ts": `check(${definition}, ${bodyThatFails});`,
  });
  const told = { title: "It works.", profile: "core", tags: ["t"], source: "seed", rows: ["T1"], needs: ["istio"] };
  const common = { ...told, suite: "area", expectedToFail: false };
  expect(await loadCatalog(folder)).toEqual([
    { ...common, id: "area/first", name: "first", file: join(folder, "area/first.test.ts"), serial: true },
    { ...common, id: "area/second", name: "second", file: join(folder, "area/second.test.ts"), serial: false },
  ]);
});

test("A second look gives the same catalog.", async () => {
  const folder = await suites({ "a/b.test.ts": `check(${definition}, async () => {});` });
  expect(await loadCatalog(folder)).toEqual(await loadCatalog(folder));
});

test.each([
  ["", "holds 0 checks, expected one."],
  [`check(${definition}, async () => {});\n`.repeat(2), "holds 2 checks, expected one."],
  ["throw new Error('broken');", "cannot be imported."],
])("A file that is not one check is named: %j", async (text, message) => {
  const folder = await suites({ "a/b.test.ts": text });
  await expect(loadCatalog(folder)).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
});
