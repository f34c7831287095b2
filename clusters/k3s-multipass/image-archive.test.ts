import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../lib/command.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { instructionsOf, sha256Of, writeImageArchive } from "./image-archive.ts";

const timeoutMs = 20_000;

test("An archive has one layer with the files, of root, and the same content gives the same bytes.", async () => {
  const folder = await temporaryFolder();
  const program = join(folder, "program");
  await writeFile(program, "#!/bin/sh\n", { mode: 0o755 });
  const image = {
    reference: "vmesh.dev/workload:1",
    dockerfile: 'FROM scratch\nCOPY root/ /\nENTRYPOINT ["/vmesh-echo"]\n',
    files: { "vmesh-echo": program },
    architecture: "arm64",
  } as const;
  const archives = [join(folder, "a.tar"), join(folder, "b.tar")];
  for (const archive of archives) await writeImageArchive(image, archive, AbortSignal.timeout(timeoutMs));
  expect(await Promise.all(archives.map(sha256Of))).toEqual(Array(2).fill(await sha256Of(archives[0] ?? "")));

  await run("tar", ["--extract", "--file", archives[0] ?? "", "--directory", folder], { timeoutMs });
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
  expect(config).toMatchObject({ architecture: "arm64", os: "linux", config: { Entrypoint: ["/vmesh-echo"] } });
  expect(config.rootfs.diff_ids).toEqual([`sha256:${await sha256Of(join(folder, "layer.tar"))}`]);
  const list = ["--list", "--verbose", "--numeric-owner", "--file", join(folder, "layer.tar")];
  expect((await run("tar", list, { timeoutMs })).stdout).toMatch(/^-rwxr-xr-x 0\/0 .* \.\/vmesh-echo$/m);
});

test("What runs in the lab's workload image, and as whom, is read from its Dockerfile.", async () => {
  const file = join(import.meta.dirname, "../lab/images/vmesh/workload/Dockerfile");
  expect(instructionsOf(await readFile(file, "utf8"))).toEqual({
    Env: ["PATH=/usr/bin"],
    User: "1000:1000",
    Entrypoint: ["/vmesh-echo"],
  });
});

test("An instruction that needs an engine is an error that shows it.", () => {
  expect(() => instructionsOf("FROM scratch\nRUN make\n")).toThrow("cannot follow `RUN make`");
});
