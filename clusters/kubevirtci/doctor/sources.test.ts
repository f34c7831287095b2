import { expect, test } from "vitest";
import { loadVersionSet } from "../../version-set.ts";
import { cloneOf } from "../checkout.ts";
import { parseSettings } from "../settings.ts";
import { judgeClone } from "./sources.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const clones = "clones https://m.example/kubevirt/kubevirtci.git at v2";
const mend = expect.stringMatching(/artifacts --set current --fetch.*`settings\.kubevirtci\.checkout`/);

test.each([
  ["in the cache", true, { cached: true }, { level: "fine", detail: "no checkout is named, and the cache has v2" }],
  ["in the cache", false, { cached: true }, { level: "fine", runDoes: undefined }],
  ["not there", false, {}, { level: "fine", runDoes: `${clones}, unpinned` }],
  ["not there, but locked", undefined, { commit }, { level: "fine", runDoes: clones }],
  ["not there", true, {}, { level: "missing", detail: "may not be fetched, and the cache lacks v2", mend }],
  ["not there, but locked", true, { commit }, { level: "missing", mend }],
])("A clone that is %s, with offline %s, is judged.", async (_, offline, known, expected) => {
  const set = await loadVersionSet("current");
  const clone = await cloneOf(parseSettings({ tag: "v2" }), set, { cacheDir: "/nowhere", mirror: "m.example/" });
  const { runDoes, ...judgement } = judgeClone({ ...clone, ...known }, { set, offline });
  expect({ ...judgement, runDoes }).toMatchObject(expected);
});
