import { expect, test } from "vitest";
import { createLog } from "./log.ts";

function capture(verbose = false) {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => lines.push(line), verbose }) };
}

test("Every line of a text begins with the names of its scopes.", () => {
  const { lines, log } = capture();
  log.info("plain");
  log.scope("lab").scope("node").info("one\ntwo\n");
  expect(lines).toEqual(["plain\n", "[lab node] one\n", "[lab node] two\n"]);
});

test("A step tells done, total and the seconds since its scope started.", () => {
  const { lines, log } = capture();
  log.scope("build").step(3, 17, "kubelet");
  expect(lines).toEqual(["[build] 3/17 kubelet (0 s)\n"]);
});

test("A warning says that it is one.", () => {
  const { lines, log } = capture();
  log.warn("disk nearly full");
  expect(lines).toEqual(["warning: disk nearly full\n"]);
});

test("Debug lines show in a verbose log only, in its scopes too.", () => {
  const [quiet, verbose] = [capture(), capture(true)];
  for (const { log } of [quiet, verbose]) log.scope("a").debug("detail");
  expect(quiet.lines).toEqual([]);
  expect(verbose.lines).toEqual(["[a] detail\n"]);
});
