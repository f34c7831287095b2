import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, copyFile, cp, link, lstat, mkdir, readdir, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { environmentError } from "../../lib/errors.ts";
import { digest } from "./cache.ts";
import type { ImageFile, ImageSource } from "./image-table.ts";

/** What one image is made of, with all sources resolved to folders. */
export interface ImageContent {
  /** Folder with the Dockerfile and, where there is one, `root/`. */
  definition: string;
  files: Readonly<Record<string, ImageFile>>;
  folders: Readonly<Partial<Record<ImageSource, string>>>;
  /** Identifies what the image starts from. */
  base: string;
}

/** A digest of everything that the image's content depends on. */
export async function contentKey(content: ImageContent): Promise<string> {
  const parts = [content.base, ...(await digestTree(content.definition))];
  for (const [path, file] of Object.entries(content.files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push(path, "link" in file ? `-> ${file.link}` : await digestFile(sourceOf(file, content)));
  }
  return digest(parts);
}

/** Makes the folder and fills it with the build context. Big files are hard links where the file system allows it. */
export async function fillContext(folder: string, content: ImageContent): Promise<void> {
  const root = join(folder, "root");
  await mkdir(root, { recursive: true });
  await cp(join(content.definition, "Dockerfile"), join(folder, "Dockerfile"));
  if (await isThere(join(content.definition, "root")))
    await cp(join(content.definition, "root"), root, { recursive: true });
  // Programs expect it; an image that starts from nothing has none.
  await mkdir(join(root, "tmp"));
  await chmod(join(root, "tmp"), 0o1777);
  for (const [path, file] of Object.entries(content.files)) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    if ("link" in file) await symlink(file.link, target);
    else await linkOrCopy(sourceOf(file, content), target);
  }
}

function sourceOf(file: { from: ImageSource; file: string }, content: ImageContent): string {
  const folder = content.folders[file.from];
  if (folder) return join(folder, file.file);
  throw environmentError(`\`${file.file}\` is to come from \`${file.from}\`, but no folder is known for that.`);
}

/** One string a file: relative path, mode and digest. Modes matter: scripts must stay executable. */
async function digestTree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    paths.map(
      async (path) => `${relative(folder, path)} ${(await lstat(path)).mode & 0o111} ${await digestFile(path)}`,
    ),
  );
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  await link(source, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV" && error.code !== "EPERM" && error.code !== "EMLINK") throw error;
    await copyFile(source, target);
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
