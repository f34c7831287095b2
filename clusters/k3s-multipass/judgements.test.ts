import { describe, expect, test } from "vitest";
import {
  judgeDriver,
  judgeInstancesDisk,
  judgeInstancesMemory,
  judgeMultipass,
  judgeProcessors,
  judgeSystem,
  judgeTools,
} from "./judgements.ts";

const gib = (memory: number, disk: number) => ({ cpus: 2, memoryMiB: memory * 1024, diskGiB: disk });
/** A server, two agents and a machine outside, as they are without settings. */
const usual = [gib(2, 10), gib(4, 15), gib(4, 15), gib(1, 5)];

describe("What keeps a cluster from being made is missing, with its mend", () => {
  test.each([
    ["a system that Multipass is not for", judgeSystem("freebsd", "x64"), /another machine/],
    ["no program", judgeMultipass("multipass", undefined), /snap install multipass/],
    ["a daemon that does not answer", judgeMultipass("multipass", undefined, "no socket"), /snap start multipass/],
    ["a daemon that says nothing", judgeMultipass("multipass", { client: "1.16.0", daemon: undefined }), /start it/],
    ["too little memory", judgeInstancesMemory(usual, 4000), /`agents`.*`agent.memory`/],
    ["too little space", judgeInstancesDisk(usual, "/var", 10), /`agents`/],
    ["programs that are not there", judgeTools(["ssh", "flock"], ["flock"]), /`flock` \(of util-linux\)/],
  ])("%s.", (_what, judgement, mend) => {
    expect(judgement).toMatchObject({ level: "missing", ok: false, mend: expect.stringMatching(mend) });
  });

  test.skipIf(process.platform !== "linux")("a driver without what it needs.", () => {
    expect(judgeDriver("qemu", false)).toMatchObject({ level: "missing", mend: expect.stringContaining("firmware") });
  });
});

describe("What makes it slower is limited", () => {
  test.each([
    ["memory for half of what instances may take", judgeInstancesMemory(usual, 6000)],
    ["fewer processors than one instance asks for", judgeProcessors(usual, 1)],
  ])("%s.", (_what, judgement) => {
    expect(judgement).toMatchObject({ level: "limited", ok: true });
  });
});

test.each([
  ["system", judgeSystem("linux", "arm64"), "linux on arm64"],
  ["multipass", judgeMultipass("multipass", { client: "1.16.0", daemon: "1.16.0" }), "version 1.16.0"],
  ["driver", judgeDriver("applevz", false), "applevz"],
  ["memory", judgeInstancesMemory(usual, 20_000), "4 instances take up to 11.0 GiB"],
  ["disk", judgeInstancesDisk(usual, "/var", 100), "100 GiB free at `/var`"],
  ["processors", judgeProcessors(usual, 8), "8, instances ask for up to 2 each"],
  ["tools", judgeTools(["ssh"], []), "ssh"],
])("A %s that is as it has to be is fine, and says what it is.", (name, judgement, detail) => {
  expect(judgement).toMatchObject({ name, level: "fine", ok: true, detail: expect.stringContaining(detail) });
});
