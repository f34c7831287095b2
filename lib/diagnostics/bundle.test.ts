import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { environmentError } from "../errors.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { pause } from "../wait.ts";
import { type Bundle, type BundleOptions, openBundle } from "./bundle.ts";
import { firstBytes, lastBytes } from "./cut.ts";

const forever = () => new Promise<never>(() => {});

/** Fills a bundle and returns its files: name to text. */
async function filled(fill: (bundle: Bundle) => Promise<unknown>, options: Partial<BundleOptions> = {}) {
  const folder = await temporaryFolder();
  const bundle = openBundle(folder, { signal: new AbortController().signal, collectorMs: 5_000, ...options });
  await fill(bundle);
  const { files } = await bundle.close();
  const texts = files.map(async (path) => [relative(folder, path), await readFile(path, "utf8")] as const);
  return Object.fromEntries(await Promise.all(texts));
}

test("What a collector throws is a line of `problems.txt`, and the others go on.", async () => {
  const files = await filled((bundle) =>
    Promise.all([
      bundle.collect("pods of a", async () => {
        throw environmentError("GET pods: the API answered 500.", { evidence: "etcd is away\nfor good" });
      }),
      bundle.collect("events of a", () => bundle.write("a/events.txt", "one event\n")),
    ]),
  );
  expect(files).toEqual({
    "a/events.txt": "one event\n",
    "problems.txt": "pods of a: GET pods: the API answered 500. | | etcd is away | | for good\n",
  });
});

test("Of a long problem its beginning is kept, and its end, where a command's exit code and last words are.", async () => {
  const files = await filled((bundle) =>
    bundle.collect("stats of vm", async () => {
      const evidence = "curl: (7) connection refused";
      throw environmentError(`\`ssh ${"-o Option=value ".repeat(60)}\` ended with exit code 7.`, { evidence });
    }),
  );
  expect(files["problems.txt"]).toMatch(
    /^stats of vm: `ssh -o .+ … .+ ended with exit code 7\. \| \| curl: \(7\) connection refused\n$/,
  );
  expect(files["problems.txt"]?.length).toBeLessThan(620);
});

test("A collector that takes too long ends alone, and one that comes after the end of all does not begin.", async () => {
  const over = new AbortController();
  const files = await filled(
    async (bundle) => {
      await Promise.all([
        bundle.collect("slow", forever, 30),
        bundle.collect("quick", () => bundle.write("quick.txt", "x")),
      ]);
      over.abort();
      await bundle.collect("late", () => bundle.write("late.txt", "x"));
    },
    { signal: over.signal },
  );
  expect(files).toEqual({
    "quick.txt": "x",
    "problems.txt": "slow: it did not end within 0.03 s\nlate: there was no time left\n",
  });
});

test("What a collector still writes after the bundle's end is dropped.", async () => {
  let late: Promise<void> | undefined;
  const files = await filled(async (bundle) => {
    await bundle.collect("slow", () => (late = pause(50).then(() => bundle.write("late.txt", "x"))), 10);
  });
  await late;
  expect(Object.keys(files)).toEqual(["problems.txt"]);
});

describe("Bounds", () => {
  const bounds = { bytes: 100_000, bytesPerFile: 30_000, files: 10 };
  const long = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join("");

  test("hold for each file and for all together, and each gets a part.", async () => {
    const files = await filled(
      async (bundle) => {
        for (let i = 0; i < 12; i += 1) await bundle.write(`${i}.log`, long);
      },
      { bounds },
    );
    const sizes = Object.entries(files).map(([name, text]) => [name, Buffer.byteLength(text)] as const);
    expect(sizes.filter(([name]) => name.endsWith(".log"))).toHaveLength(10);
    expect(Math.max(...sizes.map(([, size]) => size))).toBeLessThanOrEqual(30_000);
    expect(Math.min(...sizes.map(([, size]) => size))).toBeGreaterThan(500);
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(100_000);
    expect(files["problems.txt"]).toContain("0.log: only the last 19");
    expect(files["problems.txt"]).toContain("11.log: left out, as there are 10 files already\n");
  });

  test("keep the end of a text, or its beginning where that is asked for, in whole lines.", async () => {
    const files = await filled(
      async (bundle) => {
        await bundle.write("end.log", long);
        await bundle.write("beginning.log", long, "first");
      },
      { bounds },
    );
    expect(files["end.log"]).toMatch(/^line \d+\n[^]*line 9999\n$/);
    expect(files["beginning.log"]).toMatch(/^line 0\n[^]*line \d+\n$/);
  });
});

test.for([
  ["é".repeat(10), 7, "ééé", "ééé"],
  ["word token-of-one-piece", 12, "", "word "],
  ["a\nbb\nccc\n", 7, "ccc\n", "a\nbb\n"],
  ["short", 5, "short", "short"],
  ["none", 0, "", ""],
] as const)("Of %j at most %i bytes are %j, or %j at the beginning.", ([text, count, last, first]) => {
  expect([lastBytes(text, count), firstBytes(text, count)]).toEqual([last, first]);
});

describe("What is secret", () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQ/+\n".repeat(10)}-----END PRIVATE KEY-----`;

  test("is masked in every file, in problems, and where it was cut or coloured.", async () => {
    const files = await filled(
      async (bundle) => {
        bundle.hide(["planted-value-1"]);
        await bundle.write(
          "known.log",
          "the \u001b[1;31mplan\u009b0mted\u001b[0m-val\u001b]0;title\u0007ue-1\r\n[0/3] end",
        );
        await bundle.write("cut.log", `${key}\n${"- other line\n".repeat(100)}`);
        await bundle.collect("x", async () => {
          throw new Error(`it said planted-value-1 and ${key}`);
        });
      },
      { bounds: { bytes: 40_000, bytesPerFile: 400, files: 9 } },
    );
    expect(files["known.log"]).toBe("the [masked]\n[0/3] end");
    expect(files["cut.log"]).toMatch(/^(?:- other line\n)+$/);
    expect(files["problems.txt"]).toContain("x: it said [masked] and [masked]\n");
  });
});

test("A folder that cannot be written is told, and nothing is thrown.", async () => {
  const folder = join(await temporaryFolder(), "a-file");
  await writeFile(folder, "");
  const bundle = openBundle(folder, { signal: new AbortController().signal, collectorMs: 1_000 });
  await bundle.write("events.txt", "x");
  const { files, lost } = await bundle.close();
  expect(files).toEqual([]);
  expect(lost).toMatch(/^`events.txt` cannot be written: EEXIST/);
});

test.for(["\u001b[", "\u001b[1", "\u001b]8;;", "\u009b1;", "\r\n", "\u0000"])(
  "1 MB of %j is written within seconds.",
  { timeout: 20_000 },
  async (piece) => {
    const started = performance.now();
    await filled((bundle) => bundle.write("x.log", piece.repeat(Math.ceil(1_000_000 / piece.length))));
    expect(performance.now() - started).toBeLessThan(10_000);
  },
);
