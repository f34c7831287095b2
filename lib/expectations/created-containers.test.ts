import { expect, test } from "vitest";
import { containersInOrder, createdContainers } from "./created-containers.ts";

const named = (...names: string[]) => names.map((name) => ({ name }));
const pod = (spec: object) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "server" }, spec });
const event = (nanoseconds: bigint, reason: string, fieldPath: string) => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `server.${nanoseconds.toString(16)}` },
  reason,
  involvedObject: { name: "server", fieldPath },
});

test("Containers are created as they are listed, init containers and native sidecars first.", () => {
  const native = { initContainers: named("istio-validation", "istio-proxy"), containers: named("echo") };
  const classic = { initContainers: named("istio-validation"), containers: named("echo", "istio-proxy") };
  expect(containersInOrder(pod(native))).toEqual(["istio-validation", "istio-proxy", "echo"]);
  expect(containersInOrder(pod(classic))).toEqual(["istio-validation", "echo", "istio-proxy"]);
  expect(containersInOrder(pod({ containers: named("echo") }))).toEqual(["echo"]);
});

test("Events within one second are told apart by their names, and a restart counts once.", () => {
  const second = 1_800_000_000_000_000_000n;
  const events = [
    event(second + 30n, "Created", "spec.containers{echo}"),
    event(second + 90n, "Created", "spec.initContainers{istio-proxy}"),
    event(second + 5n, "Pulled", "spec.containers{echo}"),
    event(second + 20n, "Created", "spec.initContainers{istio-proxy}"),
    event(second + 21n, "Started", "spec.initContainers{istio-proxy}"),
  ];
  expect(createdContainers(events)).toEqual(["istio-proxy", "echo"]);
});
