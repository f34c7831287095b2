import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadCatalog } from "./catalog.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["clusters", "lib", "reports", "scripts", "suites"] as const;
type Folder = (typeof folders)[number];

const sources = find(`{${folders.join(",")}}/**/*.ts`);
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** What each folder may import of the others, beside itself. */
const allowed: Record<Folder, RegExp> = {
  suites: /^lib\/(test|expectations)\.ts$/,
  clusters: /^lib\//,
  reports: /^lib\//,
  lib: /^lib\//,
  scripts: /./,
};

/** Packages and functions with one home; a test may use what its subject uses. */
const homes = [
  { what: "execa", pattern: /from "execa"/, home: /^lib\/command\.ts$/ },
  { what: "zx", pattern: /from "zx(\/[^"]*)?"/, home: /^scripts\// },
  { what: "p-retry", pattern: /from "p-retry"/, home: /^lib\/wait\.ts$/ },
  { what: "timers", pattern: /\bsetTimeout\s*\(|from "(node:)?timers(\/promises)?"/, home: /^lib\/wait\.ts$/ },
  { what: "the Kubernetes client", pattern: /from "@kubernetes\/client-node"/, home: /^lib\/kube\// },
];

describe("imports", () => {
  test("of a folder are only those its rule allows.", () => {
    // The configuration of the suites is no check.
    const judged = sources.filter((path) => path !== "suites/vitest.config.ts");
    expect(judged).toContain("lib/architecture.test.ts");
    const forbidden = judged.flatMap((path) => {
      const folder = path.split("/")[0] as Folder;
      const targets = relativeImports(read(path)).map((target) => normalize(join(dirname(path), target)));
      const wrong = targets.filter((target) => !target.startsWith(`${folder}/`) && !allowed[folder].test(target));
      return wrong.map((target) => `${path} imports ${target}`);
    });
    expect(forbidden).toEqual([]);
  });

  test.each(homes)("$what is used in its one place only.", ({ pattern, home }) => {
    const elsewhere = sources.filter(
      (path) => !home.test(path) && path !== "lib/architecture.test.ts" && pattern.test(read(path)),
    );
    expect(elsewhere).toEqual([]);
  });
});

test("The rules see an import of every spelling.", () => {
  const text = [
    `import { a } from "../a.ts";`,
    `import type { b } from "../b.ts";`,
    `export * from "../c.ts";`,
    `import "../d.ts";`,
    `const e = await import("./e.ts");`,
    `import {\n  f,\n} from "../f.ts";`,
    `import g from "zod";`,
  ].join("\n");
  expect(relativeImports(text)).toEqual(["../a.ts", "../b.ts", "../c.ts", "../d.ts", "./e.ts", "../f.ts"]);
});

describe("checks", () => {
  const stems = (pattern: string, ending: string) => find(pattern).map((path) => path.slice(0, -ending.length));

  test("are pairs of a test and a YAML file.", () => {
    const manifests = stems("suites/*/**/*.yaml", ".yaml").filter((stem) => !stem.startsWith("suites/base/"));
    expect(stems("suites/*/**/*.test.ts", ".test.ts")).toEqual(manifests);
  });

  test("that are expected to fail, and no others, have a description of the defect beside them.", async () => {
    const expected = (await loadCatalog()).filter((entry) => entry.expectedToFail).map(({ id }) => `suites/${id}`);
    expect(stems("suites/*/**/*.md", ".md")).toEqual(expected);
  });

  test("are two levels deep, so that `area/name` names them, and hold one check with a sentence.", async () => {
    for (const entry of await loadCatalog()) {
      expect(normalize(entry.file)).toBe(join(root, "suites", `${entry.id}.test.ts`));
      expect(entry.title, entry.id).toMatch(/^[A-Z0-9`].*[^.]\.$/s);
    }
  });
});

/** A provider is `clusters/<name>.ts`, or `clusters/<name>/<name>.ts` where it needs a folder. */
describe("providers", () => {
  const registry = "clusters/providers.ts";
  const notProviders =
    /(^|\/)(provider|providers|provider\.contract|components|finding|version-set|obtain-file)(\.|\/)|\.test\.ts$/;
  const files = find("clusters/{*,*/*}.ts").filter((path) => {
    const [, folder = "", file] = path.split("/");
    return !notProviders.test(path) && (file === undefined || file === `${folder}.ts`);
  });

  test.skipIf(!existsSync(join(root, registry)))(
    "are all in the registry, and each has a test of its own and keeps the contract.",
    () => {
      const registered = [...read(registry).matchAll(/import\("\.\/([^"]+)"\)/g)].map(
        (match) => `clusters/${match[1]}`,
      );
      expect(files).not.toEqual([]);
      expect(registered.toSorted()).toEqual(files);
      const untested = files.flatMap((path) =>
        [".test.ts", ".contract.test.ts"]
          .map((ending) => path.replace(/\.ts$/, ending))
          .filter((test) => !existsSync(join(root, test))),
      );
      expect(untested).toEqual([]);
    },
  );
});

describe("the text of the repository", () => {
  const texts = find("{clusters,lib,reports,scripts,suites}/**/*.{ts,md,yaml,json,go,sh,mod}")
    .concat(find("*.{md,json,yaml}"))
    .concat(find("scripts/*"))
    .filter(
      (path) => path !== "package-lock.json" && path !== "lib/architecture.test.ts" && !path.startsWith("reports/out/"),
    );

  test.each([
    ["paths of one machine", /(^|[\s"'`(=:])\/(work|home|Users)\//m],
    [
      "hosts of package registries",
      /https?:\/\/(registry\.npmjs\.org|pypi\.org|proxy\.golang\.org|deb\.debian\.org|[\w.-]*(artifactory|nexus|verdaccio)[\w.-]*)/,
    ],
  ])("holds no %s.", (_, pattern) => {
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((path) => pattern.test(read(path)))).toEqual([]);
  });
});

function relativeImports(text: string): string[] {
  const pattern = /^(?:import|export)\s(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}

function find(pattern: string): string[] {
  const skipped = (path: string) => path.startsWith("node_modules") || path.includes("/node_modules/");
  return globSync(pattern, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((path) => !skipped(path))
    .toSorted();
}
