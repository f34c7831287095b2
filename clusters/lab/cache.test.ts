import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../../lib/log.ts";
import { cacheEntry, digest, kindOf } from "./cache.ts";

let root: string;
let lines: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "vmesh-cache-"));
  lines = [];
});
afterEach(() => rm(root, { recursive: true, force: true }));

const entryOf = (key: string[], build: (folder: string) => Promise<void>, kind = "thing") =>
  cacheEntry({ root, kind, key, log: createLog({ write: (line) => lines.push(line) }) }, build);
const entriesIn = async () => (await readdir(root)).filter((name) => name !== "locks");

test("an entry is built once and found from then on", async () => {
  let builds = 0;
  const build = async (folder: string) => {
    builds += 1;
    await writeFile(join(folder, "file"), "content");
  };
  const first = await entryOf(["a"], build);
  expect(await entryOf(["a"], build)).toBe(first);
  expect(builds).toBe(1);
  expect(await readFile(join(first, "file"), "utf8")).toBe("content");
});

test("another key, or the same strings with other boundaries, is another entry", async () => {
  const paths = new Set<string>();
  for (const key of [["a", "b"], ["ab"], ["a", "c"]]) paths.add(await entryOf(key, async () => {}));
  expect(paths.size).toBe(3);
});

test("a build that fails leaves nothing, and the next one starts afresh", async () => {
  const broken = async (folder: string) => {
    await writeFile(join(folder, "half"), "");
    throw new Error("no space");
  };
  await expect(entryOf(["a"], broken)).rejects.toThrow("no space");
  expect(await entriesIn()).toEqual([]);
  const path = await entryOf(["a"], async () => {});
  expect(await readdir(path)).toEqual([]);
});

test("two processes that want the same entry build it once, and both get it", async () => {
  const builders = [startBuilder("shared", 300), startBuilder("shared", 300)];
  const outputs = await Promise.all(builders.map(async (builder) => (await builder.exit, builder.output())));
  expect(outputs.map((output) => output.includes("building")).sort()).toEqual([false, true]);
  expect(outputs.filter((output) => output.includes("another process: waiting for it"))).toHaveLength(1);
  for (const output of outputs) expect(output).toContain(`done ${join(root, `thing-${digest(["shared"])}`)}`);
});

test("after `kill -9` of a build the next process builds the entry and removes the draft", async () => {
  const victim = startBuilder("victim", 60_000);
  await victim.says("building");
  expect(await entriesIn()).toEqual([expect.stringMatching(/^thing-.*\.draft$/)]);
  victim.process.kill("SIGKILL");
  await victim.exit;

  const path = await entryOf(["victim"], (folder) => writeFile(join(folder, "file"), "second"));
  expect(await readFile(join(path, "file"), "utf8")).toBe("second");
  expect(await entriesIn()).toEqual([`thing-${digest(["victim"])}`]);
});

test("a dead draft of another key goes too, one that is being built stays", async () => {
  const dead = `thing-${digest(["dead"])}.00000000.draft`;
  await mkdir(join(root, dead));
  const alive = startBuilder("alive", 60_000);
  await alive.says("building");

  await entryOf(["mine"], async () => {});
  const left = await entriesIn();
  expect(left).not.toContain(dead);
  expect(left.filter((name) => name.endsWith(".draft"))).toEqual([expect.stringContaining(digest(["alive"]))]);
  alive.process.kill("SIGKILL");
  await alive.exit;
});

/** A process of its own that wants the entry `key` and takes `ms` to build it. */
function startBuilder(key: string, ms: number) {
  const source = `
    import { cacheEntry } from ${JSON.stringify(import.meta.resolve("./cache.ts"))};
    import { createLog } from ${JSON.stringify(import.meta.resolve("../../lib/log.ts"))};
    import { pause } from ${JSON.stringify(import.meta.resolve("../../lib/wait.ts"))};
    const log = createLog({ write: (line) => process.stdout.write(line) });
    const path = await cacheEntry({ root: ${JSON.stringify(root)}, kind: "thing", key: [${JSON.stringify(key)}], log }, async () => {
      console.log("building");
      await pause(${ms});
    });
    console.log("done " + path);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  return {
    process: child,
    exit: once(child, "close"),
    output: () => output,
    says: async (text: string) => {
      while (!output.includes(text)) await once(child.stdout, "data");
    },
  };
}

test.each([
  ["rootfs-node-0123456789abcdef", "rootfs-node"],
  ["go-0123456789abcdef", "go"],
  ["go-own-0123456789abcdef", "go-own"],
  ["image-store-0123456789abcdef.ab12.draft", undefined],
  ["node-24.21.0", undefined],
  ["locks", undefined],
])("`%s` is a finished entry of kind %s", (name, kind) => {
  expect(kindOf(name)).toBe(kind);
});

test("the kind of an entry is told by its name", async () => {
  expect(kindOf(basename(await entryOf(["a"], async () => {}, "image-store")))).toBe("image-store");
});
