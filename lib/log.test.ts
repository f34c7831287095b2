import { expect, test } from "vitest";
import { createLog, logTo, type Told } from "./log.ts";

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

test("A log without lines of its own hands on all that is told, with its kind and its scopes.", () => {
  const heard: Told[] = [];
  const log = logTo((told) => heard.push(told)).scope("lab");
  log.info("one\ntwo");
  log.scope("go").step(1, 3, "kubelet");
  log.warn("disk nearly full");
  log.debug("detail");
  expect(heard).toEqual([
    { kind: "info", names: ["lab"], text: "one\ntwo" },
    { kind: "step", names: ["lab", "go"], text: "1/3 kubelet (0 s)" },
    { kind: "warn", names: ["lab"], text: "disk nearly full" },
    { kind: "debug", names: ["lab"], text: "detail" },
  ]);
});
