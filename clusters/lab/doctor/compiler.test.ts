import { globSync, readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { judgeGo, readGo } from "./compiler.ts";

afterEach(() => void vi.unstubAllEnvs());

test.for([
  ["a Go that switches toolchains", { version: "go1.21.0", toolchain: "auto", hasPip: false }, "fine", undefined],
  [
    "an older Go that may not switch",
    { version: "go1.25.3", toolchain: "local", hasPip: true },
    "missing",
    "GOTOOLCHAIN",
  ],
  ["a new Go that may not switch", { version: "go1.26.0", toolchain: "local", hasPip: false }, "fine", undefined],
  ["an ancient Go beside pip", { version: "go1.19.8", toolchain: "", hasPip: true }, "fine", undefined],
  ["an ancient Go alone", { version: "go1.19.8", toolchain: "", hasPip: false }, "missing", "python3-pip"],
  ["neither Go nor pip", { version: undefined, toolchain: "", hasPip: false }, "missing", "python3-pip"],
] as const)("%s is judged, with a mend where it is not fine.", ([, seen, expected, words]) => {
  const { level, mend } = judgeGo(seen);
  expect(level).toBe(expected);
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test("Where a run fetches Go by itself, it says so.", () => {
  const seen = { toolchain: "", hasPip: true };
  expect(judgeGo({ ...seen, version: "go1.19.8" })).toMatchObject({
    detail: "go1.19.8 is older than go1.21",
    runDoes: "fetches Go from PyPI",
  });
  expect(judgeGo({ ...seen, version: "go1.26.8" }).runDoes).toBeUndefined();
});

test("The version asked for is that of the newest go.mod.", () => {
  const folder = join(import.meta.dirname, "../toolchain");
  const texts = globSync("*/go.mod", { cwd: folder }).map((path) => readFileSync(join(folder, path), "utf8"));
  const newest = Math.max(...texts.map((text) => Number(/^go 1\.(\d+)/m.exec(text)?.[1])));
  const local = { toolchain: "local", hasPip: false };
  expect(judgeGo({ ...local, version: `go1.${newest}.0` }).ok).toBe(true);
  expect(judgeGo({ ...local, version: `go1.${newest - 1}.0` }).ok).toBe(false);
});

test("On a machine with neither there are the folders that Go's caches would be in.", async () => {
  const folder = await temporaryFolder();
  await symlink("/bin/sh", join(folder, "sh"));
  vi.stubEnv("PATH", folder);
  expect(await readGo()).toEqual({
    version: undefined,
    toolchain: "",
    modules: join(homedir(), "go/pkg/mod"),
    compiled: join(homedir(), ".cache/go-build"),
    hasPip: false,
  });
});
