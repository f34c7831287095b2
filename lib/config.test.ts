import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig, nearest } from "./config.ts";
import { temporaryFolder } from "./temporary-folder.ts";

async function file(text: string): Promise<string> {
  const path = join(await temporaryFolder(), "vmesh.yaml");
  await writeFile(path, text);
  return path;
}

test("Without flags and file there are the defaults, and they cannot be changed.", async () => {
  const config = await loadConfig({});
  expect(config).toEqual({
    provider: "lab",
    nodes: 1,
    profile: "extended",
    suite: [],
    check: [],
    tag: [],
    feature: [],
    lastFailed: false,
    shuffle: true,
    untilFailure: false,
    retry: 0,
    failFast: false,
    pauseOnFailure: false,
    out: "reports/out",
    keep: false,
    junit: "default",
    requireAll: false,
    failOnFlaky: false,
    offline: false,
    settings: {},
  });
  expect(() => Object.assign(config, { nodes: 2 })).toThrow(TypeError);
  expect(() => config.suite.push("x")).toThrow(TypeError);
});

test("A flag wins over the file, the file over the default, and a flag not given over nothing.", async () => {
  const path = await file("nodes: 2\nprovider: kubeconfig\ntag: [a]\nsettings: {lab: {subnet: 10.9.0.0/16}}\n");
  const config = await loadConfig({ nodes: 3, provider: undefined, tag: ["b"] }, path);
  expect(config).toMatchObject({ nodes: 3, provider: "kubeconfig", tag: ["b"], junit: "default" });
  expect(config.settings).toEqual({ lab: { subnet: "10.9.0.0/16" } });
});

test("An empty file says nothing.", async () => {
  await expect(loadConfig({}, await file(""))).resolves.toMatchObject({ provider: "lab" });
});

test.each([
  ["nods: 2", "`nods` in `FILE` is no setting.", "the nearest one is `nodes`"],
  ["require-all: true", "`require-all` in `FILE` is no setting.", "the nearest one is `requireAll`"],
  [
    "nodes: two",
    'The value "two" of `nodes` in `FILE` is not allowed: Invalid input: expected number, received string.',
  ],
  [
    "suite: [a, 1]",
    'The value ["a",1] of `suite` in `FILE` is not allowed, at `1`: Invalid input: expected string, received number.',
  ],
  [
    "junit: loose",
    'The value "loose" of `junit` in `FILE` is not allowed: Invalid option: expected one of "default"|"strict".',
  ],
  ["[a]", "The configuration file `FILE` holds a list, expected keys and values."],
  ["text", 'The configuration file `FILE` holds the string "text", expected keys and values.'],
  ["a: [", "The configuration file `FILE` is not valid YAML."],
])("The file `%s` is a usage error.", async (text, message, hint?: string) => {
  const path = await file(text);
  await expect(loadConfig({}, path)).rejects.toMatchObject({
    kind: "usage",
    message: message.replace("FILE", path),
    hint,
  });
});

test.each([
  [{ timeScale: -1 }, "The value -1 of flag `--time-scale` is not allowed: Too small: expected number to be >0."],
  [{ nodes: 1.5 }, "The value 1.5 of flag `--nodes` is not allowed: Invalid input: expected int, received number."],
  [{ requireAl: true }, "flag `--require-al` is no setting."],
])("The flag %j is a usage error that names it as it is typed.", async (flags, message) => {
  await expect(loadConfig(flags)).rejects.toMatchObject({ kind: "usage", message });
});

test("A file asked for by name must be there.", async () => {
  await expect(loadConfig({}, "/no/such/vmesh.yaml")).rejects.toMatchObject({
    kind: "usage",
    message: "The configuration file `/no/such/vmesh.yaml` cannot be read.",
  });
});

test.each([
  ["provder", "provider"],
  ["taag", "tag"],
  ["TIMESCALE", "timeScale"],
])("The nearest name to %s is %s.", (word, expected) => {
  expect(nearest(word, ["tag", "timeScale", "provider"])).toBe(expected);
});
