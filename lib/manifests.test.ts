import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadManifests, loadRelease, parseManifests } from "./manifests.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const head = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
const parse = (text: string, given = {}, ambient = {}) => parseManifests(head + text, "x.yaml", given, ambient);

test("A file of several documents gives its objects, without the empty documents.", () => {
  const text = `---\n${head}---\n# nothing\n---\n${head.replace("name: a", "name: b")}`;
  expect(parseManifests(text, "x.yaml", {}).map((object) => object.metadata.name)).toEqual(["a", "b"]);
});

test.each([
  ["port: ${n}", { n: 8080 }, { port: 8080 }],
  ["on: ${flag}", { flag: false }, { on: false }],
  ['port: "${n}"', { n: 8080 }, { port: 8080 }],
  ["url: http://a.${ns}:${n}/", { ns: "x", n: 80 }, { url: "http://a.x:80/" }],
  ["list: [{image: '${image.workload}'}]", { "image.workload": "w:1" }, { list: [{ image: "w:1" }] }],
  ["script: |\n  echo $${HOME} $X ${n}\n", { n: 1 }, { script: "echo ${HOME} $X 1\n" }],
  ["text: ${n}", { n: "a: [b" }, { text: "a: [b" }],
])("`%s` with %j is filled in.", (text, given, expected) => {
  expect(parse(text, given)[0]).toMatchObject(expected);
});

test("A value from a parameter is not searched for parameters.", () => {
  expect(parse("a: x${one}", { one: "${two}" })[0]).toMatchObject({ a: "x${two}" });
});

test("A missing parameter is an error that names file and parameter.", () => {
  expect(() => parse("a: ${porrt}", {}, { port: 1 })).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: "`x.yaml` uses the parameter `porrt`, which is not given.",
      hint: "give one of `port`, or write `$${porrt}` if a literal is meant",
    }),
  );
});

test("Names of built-in properties are not parameters.", () => {
  expect(() => parse("a: ${constructor}")).toThrow("`constructor`, which is not given");
});

test("A given parameter that is not used is an error, an ambient one is not.", () => {
  expect(() => parse("", { extra: 1 })).toThrow("`x.yaml` does not use the given parameter `extra`.");
  expect(parse("", {}, { namespace: "n" })).toHaveLength(1);
});

test.each([
  ["kind: Pod\nmetadata: {name: a}", "apiVersion"],
  ["apiVersion: v1\nkind: Pod\nmetadata: {}", "metadata.name"],
  ["- a", "expected object"],
])("What is no Kubernetes object is an error: %j", (text, evidence) => {
  expect(() => parseManifests(text, "x.yaml", {})).toThrow(
    expect.objectContaining({ kind: "usage", evidence: expect.stringContaining(evidence) }),
  );
});

test("Bad YAML is an error with file and line.", () => {
  expect(() => parseManifests("a: [b\nc: d", "x.yaml", {})).toThrow(/^`x.yaml` is not valid YAML: .*line 2/s);
});

test("A file that is not there is named.", async () => {
  await expect(loadManifests("/no/such.yaml", {})).rejects.toThrow("The manifest file `/no/such.yaml` cannot be read.");
});

test("A file of somebody else's keeps its dollars, and is checked like ours.", async () => {
  const file = join(await temporaryFolder(), "addon.yaml");
  await writeFile(file, `${head}data: {dashboard: "\${datasource}", regex: "$1 \${2}"}\n`);
  expect((await loadRelease(file))[0]).toMatchObject({ data: { dashboard: "${datasource}", regex: "$1 ${2}" } });
  await writeFile(file, "kind: Pod\n");
  await expect(loadRelease(file)).rejects.toMatchObject({ kind: "usage" });
});
