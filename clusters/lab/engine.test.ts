import { expect, test } from "vitest";
import { mountsBelow } from "./dockerd.ts";
import { socketOf } from "./engine.ts";

test("DOCKER_HOST names a socket of this machine", () => {
  expect(socketOf("unix:///run/docker.sock")).toBe("/run/docker.sock");
  for (const remote of ["tcp://192.0.2.9:2375", "ssh://host", "unix://"]) {
    expect(() => socketOf(remote)).toThrow("expected `unix:///path`");
  }
});

test("mounts below a folder are listed last first, with their blanks, and nobody else's", () => {
  const mountinfo = [
    "22 1 254:0 / / rw - ext4 /dev/vda rw",
    "30 22 254:0 /x /cache/engine/data rw shared:1 - ext4 /dev/vda rw",
    "31 30 0:50 / /cache/engine/data/overlay2/a\\040b/merged rw - overlay overlay rw",
    "32 22 0:51 / /cache/engine/database rw - tmpfs tmpfs rw",
  ].join("\n");
  expect(mountsBelow(mountinfo, ["/cache/engine/data"])).toEqual([
    "/cache/engine/data/overlay2/a b/merged",
    "/cache/engine/data",
  ]);
});
