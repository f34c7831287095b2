import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("vmesh.ts", import.meta.url));

const configurations = {
  "misspelt.yaml": "provder: lab\n",
  "key.yaml": "settings: { lab: { podSubnets: 10.0.0.0/16 } }\n",
  "section.yaml": "settings: { lap: {} }\n",
};

/** Calls the program in a folder with these files; it finds no other program, so that none is started by mistake. */
export async function vmesh(args: readonly string[], files: Readonly<Record<string, string>> = configurations) {
  const folder = await mkdtemp(join(tmpdir(), "vmesh-cli-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await (path.endsWith("current") ? symlink(text, join(folder, path)) : writeFile(join(folder, path), text));
  }
  const env = { ...process.env, PATH: folder, VMESH_CACHE: join(folder, "cache") };
  const result = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env,
    cwd: folder,
    timeout: 50_000,
  });
  const started = existsSync(join(folder, "cache")) || existsSync(join(folder, "reports"));
  const whole = Object.keys(files).every((path) => existsSync(join(folder, path)));
  await rm(folder, { recursive: true });
  return { ...result, started, whole };
}
