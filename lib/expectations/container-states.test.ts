import { expect, test } from "vitest";
import { containerStates } from "./container-states.ts";

test("A container does what its status says, and waits where there is none yet.", () => {
  const spec = {
    initContainers: [{ name: "istio-proxy" }, { name: "copy" }],
    containers: [{ name: "a" }, { name: "b" }],
  };
  const status = {
    initContainerStatuses: [
      { name: "istio-proxy", state: { running: { startedAt: "2026-01-01T00:00:00Z" } } },
      { name: "copy", state: { terminated: { exitCode: 0 } } },
    ],
    containerStatuses: [{ name: "a", state: { waiting: { reason: "PodInitializing" } } }],
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec };
  expect(containerStates({ ...pod, status })).toEqual({
    "istio-proxy": "running",
    copy: "terminated",
    a: "waiting",
    b: "waiting",
  });
  expect(new Set(Object.values(containerStates(pod)))).toEqual(new Set(["waiting"]));
});
