import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "../../lib/command.ts";
import { environmentError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";

/** An image of files alone, as `FROM scratch` makes one. */
export interface ScratchImage {
  /** `HOST/NAME:TAG`, as which a container runtime knows it once it is imported. */
  reference: string;
  /** Text of a Dockerfile of which only who runs what counts. */
  dockerfile: string;
  /** Path in the image to the file of this machine. */
  files: Readonly<Record<string, string>>;
  architecture: "amd64" | "arm64";
}

/** Writes an image as `docker save` does, without an engine: one layer, a configuration, and a list of the two. */
export async function writeImageArchive(image: ScratchImage, archive: string, signal: AbortSignal): Promise<void> {
  const folder = `${archive}.parts`;
  const root = join(folder, "root");
  await rm(folder, { recursive: true, force: true });
  for (const [path, file] of Object.entries(image.files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(file, join(root, path));
  }
  const options = { timeoutMs: timeouts.shortCommand, signal };
  const plain = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu", "--create"];
  await run("tar", [...plain, "--file", join(folder, "layer.tar"), "--directory", root, "."], options);
  const config = {
    architecture: image.architecture,
    os: "linux",
    config: instructionsOf(image.dockerfile),
    rootfs: { type: "layers", diff_ids: [`sha256:${await sha256Of(join(folder, "layer.tar"))}`] },
  };
  const list = [{ Config: "config.json", RepoTags: [image.reference], Layers: ["layer.tar"] }];
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "manifest.json"), JSON.stringify(list));
  const members = ["manifest.json", "config.json", "layer.tar"];
  await run("tar", [...plain, "--file", join(folder, "image.tar"), "--directory", folder, ...members], options);
  await rename(join(folder, "image.tar"), archive);
  await rm(folder, { recursive: true });
}

/** What an image's configuration says of its program. Throws for an instruction that this does not know. */
export function instructionsOf(dockerfile: string): { Env?: string[]; User?: string; Entrypoint?: string[] } {
  const lines = dockerfile.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.assign(
    {},
    ...lines.map((line) => {
      const [, instruction = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      if (instruction === "ENV") return { Env: [rest] };
      if (instruction === "USER") return { User: rest };
      if (instruction === "ENTRYPOINT") return { Entrypoint: JSON.parse(rest) as string[] };
      if ((instruction === "FROM" && rest === "scratch") || instruction === "COPY") return {};
      throw environmentError(`An image of files alone cannot follow \`${line}\`.`);
    }),
  );
}

/** Checksum of a file, in hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
