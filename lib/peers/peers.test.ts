import { describe, expect, test } from "vitest";
import type { KubeObject } from "../kube.ts";
import { identityOf } from "./peer.ts";
import { callCommand, seriesMs } from "./call.ts";
import { answersSince, lastTimestamp } from "./guest-loop.ts";
import { readyPod } from "./pod.ts";
import { launcherOf } from "./vmi.ts";

function pod(
  name: string,
  change: { labels?: Record<string, string>; ready?: string; doomed?: boolean; spec?: object } = {},
): KubeObject {
  const { labels = {}, ready = "True", doomed = false, spec = { containers: [{ name: "echo" }] } } = change;
  const metadata = { name, namespace: "a", labels, ...(doomed && { deletionTimestamp: "2026-01-01T00:00:00Z" }) };
  const conditions = [{ type: "Ready", status: ready, reason: "ContainersNotReady" }];
  return { apiVersion: "v1", kind: "Pod", metadata, spec, status: { phase: "Running", conditions } };
}

describe("identityOf", () => {
  const containers = [{ name: "echo" }];
  const proxy = [{ name: "istio-init" }, { name: "istio-proxy" }];
  test.each([
    [{ containers }, undefined],
    [{ containers, initContainers: [{ name: "istio-init" }] }, undefined],
    [{ containers: [...containers, ...proxy], serviceAccountName: "client" }, "spiffe://cluster.local/ns/a/sa/client"],
    [{ containers, initContainers: proxy }, "spiffe://cluster.local/ns/a/sa/default"],
  ])("of a pod with %j is %s.", (spec, expected) => {
    expect(identityOf(pod("x", { spec }))).toBe(expected);
  });
});

describe("readyPod", () => {
  const labelled = { labels: { app: "x" } };
  test("finds a pod by name or by label, and not one that is being deleted.", () => {
    expect(readyPod("x", [pod("y"), pod("x")]).metadata.name).toBe("x");
    expect(readyPod("x", [pod("x-1", { ...labelled, doomed: true }), pod("x-2", labelled)]).metadata.name).toBe("x-2");
    const versions = ["v1", "v2"].map((version) => pod(`x-${version}-abc`, { labels: { app: "x", version } }));
    expect(readyPod("x-v2", versions).metadata.name).toBe("x-v2-abc");
  });

  test.each([
    [[], "there is no pod of this name or label `app=x`"],
    [[pod("x-1", labelled), pod("x-2", labelled)], "there are 2 pods labelled `app=x`, expected one"],
    [[pod("x", { ready: "False" })], "it is Running; Ready: ContainersNotReady"],
  ])("says what is wrong otherwise.", (pods, message) => {
    expect(() => readyPod("x", pods)).toThrow(message);
  });
});

test.each([
  [{ url: "http://b" }, "call --timeout 5000ms http://b"],
  [
    { url: "http://b", count: 3, intervalMs: 200, timeoutMs: 900, http2: true, headers: { host: "c" } },
    "call --timeout 900ms --count 3 --interval 200ms --http2 --header host=c http://b",
  ],
])("The request %j is the command `%s`.", (request, expected) => {
  expect(callCommand(request, 1).join(" ")).toBe(expected);
});

test("A series takes at most its requests and the pauses between them.", () => {
  expect(seriesMs({ url: "x", count: 3, intervalMs: 200, timeoutMs: 900 }, 2)).toBe(3_300);
});

describe("a guest's console", () => {
  const reset = '{"outcome":"reset","error":"x","ms":1}';
  const log = [
    "2026-01-01T00:00:01.000000000Z [    0.1] Linux version 6",
    `2026-01-01T00:00:02.000000000Z ${reset}\r`,
    `2026-01-01T00:00:03.000000000Z ~ # ${reset}`,
    '2026-01-01T00:00:04.000000000Z {"outcome":"answered","sta[   9.1] eth0: up',
    `2026-01-01T00:00:05.000000000Z ${reset.slice(0, 10)}`,
  ].join("\n");

  test("gives its exchanges; a broken line is one that failed, an unfinished line is none.", () => {
    expect(answersSince(log, undefined).map((exchange) => exchange.outcome)).toEqual(["reset", "reset", "error"]);
    expect(answersSince(`${log}\n`, undefined)).toHaveLength(4);
  });

  test("gives only what is later than the mark.", () => {
    expect(answersSince(log, "2026-01-01T00:00:02.000000000Z")).toHaveLength(2);
    expect(answersSince(log, lastTimestamp(log))).toEqual([]);
  });

  test("gives the time at which the node heard of each.", () => {
    const [first, second] = answersSince(log, undefined).map(({ loggedAt }) => loggedAt);
    expect([first, second]).toEqual([Date.UTC(2026, 0, 1, 0, 0, 2), Date.UTC(2026, 0, 1, 0, 0, 3)]);
  });

  test("is read without timestamps as well.", () => {
    expect(answersSince(`boot\n${reset}\n`, undefined)).toEqual([{ outcome: "reset", error: "x", ms: 1 }]);
  });

  test.each([
    ["", undefined],
    ["boot\n", undefined],
    [`${log}\n`, "2026-01-01T00:00:05.000000000Z"],
  ])("has the time of its last line.", (text, expected) => {
    expect(lastTimestamp(text)).toBe(expected);
  });
});

describe("launcherOf", () => {
  const launcher = (name: string, change = {}) => pod(name, { labels: { "vm.kubevirt.io/name": "x" }, ...change });

  test("finds the running pod of a VMI beside those of a migration and of other VMIs.", () => {
    const others = [pod("other", { labels: { "vm.kubevirt.io/name": "y" } }), launcher("source", { ready: "False" })];
    expect(launcherOf("x", [...others, launcher("target")]).metadata.name).toBe("target");
  });

  test("says which pods there are when none runs.", () => {
    expect(() => launcherOf("x", [launcher("source", { ready: "False" })])).toThrow(
      "VMI `x` has 0 running launcher pods, expected one. Pods: source: Running; Ready: ContainersNotReady.",
    );
  });
});
