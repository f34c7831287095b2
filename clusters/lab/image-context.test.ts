import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentKey, fillContext, type ImageContent } from "./image-context.ts";
import { imageNames, imageTable } from "./image-table.ts";

let folder: string;
let content: ImageContent;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmesh-context-"));
  const definition = join(folder, "definition");
  const programs = join(folder, "programs");
  await mkdir(join(definition, "root/etc"), { recursive: true });
  await mkdir(programs);
  await writeFile(join(definition, "Dockerfile"), "FROM scratch\n");
  await writeFile(join(definition, "root/etc/config"), "a = 1\n");
  await writeFile(join(programs, "tool"), "binary", { mode: 0o755 });
  content = {
    definition,
    base: "scratch",
    folders: { own: programs },
    files: { "usr/bin/tool": { from: "own", file: "tool" }, "usr/bin/alias": { link: "tool" } },
  };
});
afterEach(() => rm(folder, { recursive: true }));

test("a context holds the Dockerfile, the image's own files, the programs and a /tmp for everyone", async () => {
  const context = join(folder, "context");
  await fillContext(context, content);
  expect(await readFile(join(context, "Dockerfile"), "utf8")).toBe("FROM scratch\n");
  expect(await readFile(join(context, "root/etc/config"), "utf8")).toBe("a = 1\n");
  expect(await readlink(join(context, "root/usr/bin/alias"))).toBe("tool");
  expect((await lstat(join(context, "root/tmp"))).mode & 0o7777).toBe(0o1777);
  const [source, linked] = await Promise.all([
    stat(join(folder, "programs/tool")),
    stat(join(context, "root/usr/bin/tool")),
  ]);
  expect(linked.ino).toBe(source.ino);
});

test.for<[string, () => unknown]>([
  ["the base", () => (content = { ...content, base: "other" })],
  ["the Dockerfile", () => writeFile(join(content.definition, "Dockerfile"), "FROM other\n")],
  ["a file of the image", () => writeFile(join(content.definition, "root/etc/config"), "a = 2\n")],
  ["an execute bit", () => chmod(join(content.definition, "root/etc/config"), 0o755)],
  ["a program", () => writeFile(join(folder, "programs/tool"), "Binary")],
  [
    "a link's target",
    () => (content = { ...content, files: { ...content.files, "usr/bin/alias": { link: "other" } } }),
  ],
  [
    "a path in the image",
    () =>
      (content = {
        ...content,
        files: { "bin/tool": { from: "own", file: "tool" }, "usr/bin/alias": { link: "tool" } },
      }),
  ],
])("the content key changes with %s", async ([, change]) => {
  const before = await contentKey(content);
  expect(await contentKey(content)).toBe(before);
  await change();
  expect(await contentKey(content)).not.toBe(before);
});

test("a source without a folder is an error that names the file", async () => {
  await expect(contentKey({ ...content, folders: {} })).rejects.toThrow(
    "`tool` is to come from `own`, but no folder is known",
  );
});

test.for(imageNames.map((name) => [name] as const))(
  "image %s has a Dockerfile that starts from what the table says",
  async ([name]) => {
    const path = join(import.meta.dirname, "images", name, "Dockerfile");
    expect(existsSync(path)).toBe(true);
    const hasBase = "base" in imageTable[name];
    expect(/^FROM (.*)$/m.exec(await readFile(path, "utf8"))?.[1]).toBe(hasBase ? "${BASE}" : "scratch");
  },
);
