import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { collectDiagnostics } from "./diagnostics.ts";
import { environmentError } from "./errors.ts";
import type { Kube, KubeObject } from "./kube.ts";
import type { Machine } from "./machine.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "a" },
  spec: { nodeName: "node-1", initContainers: [{ name: "istio-proxy" }], containers: [{ name: "echo" }] },
  status: {
    phase: "Pending",
    containerStatuses: [
      { name: "echo", ready: false, restartCount: 2, state: { waiting: { reason: "CrashLoopBackOff" } } },
    ],
  },
};
const event: KubeObject = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e" },
  type: "Warning",
  reason: "BackOff",
  message: "restarting\n",
  count: 3,
  lastTimestamp: "2026-01-01T00:00:00Z",
  involvedObject: { kind: "Pod", name: "p" },
};

function kubeWith(logs: Kube["logs"]): Kube {
  const list: Kube["list"] = async ({ kind }) => (kind === "Pod" ? [pod] : [event]);
  return { list, logs } as Partial<Kube> as Kube;
}

async function collect(kube: Kube, machine?: Machine) {
  const folder = await temporaryFolder();
  const paths = await collectDiagnostics({ kube, namespaces: ["a"], machine }, folder);
  const texts = await Promise.all(paths.map(async (path) => [relative(folder, path), await readFile(path, "utf8")]));
  return Object.fromEntries(texts) as Record<string, string>;
}

test("Events, pods and the logs of all containers are written.", async () => {
  expect(await collect(kubeWith(async ({ container }) => `log of ${container}\n`))).toEqual({
    "a/events.txt": "2026-01-01T00:00:00Z Warning BackOff Pod/p x3: restarting\n",
    "a/pods.txt": "p Pending on node-1: echo=waiting CrashLoopBackOff (2 restarts)\n",
    "a/p/istio-proxy.log": "log of istio-proxy\n",
    "a/p/echo.log": "log of echo\n",
  });
});

test("What cannot be read is told, and the rest is collected all the same.", async () => {
  const files = await collect(
    kubeWith(async ({ container }) => {
      if (container === "echo") throw environmentError("the container is waiting to start");
      return "x\n";
    }),
  );
  expect(files["problems.txt"]).toBe("log of a/p, container echo: the container is waiting to start\n");
  expect(files["a/p/istio-proxy.log"]).toBe("x\n");
});

test("Of a long log the end is kept.", async () => {
  const files = await collect(kubeWith(async () => `${"é".repeat(100_000)}end`));
  expect(Buffer.byteLength(files["a/p/echo.log"] ?? "")).toBeLessThanOrEqual(50_010);
  expect(files["a/p/echo.log"]).toMatch(/end$/);
  expect(files["problems.txt"]).toContain("a/p/echo.log: only the last");
});

test("Of a machine its logs, packet filters and sockets are kept; what it does not tell is told.", async () => {
  const sh: Machine["sh"] = async (script) => {
    if (script.startsWith("journalctl")) throw environmentError("ssh ended with exit code 255.");
    return { stdout: `printed by ${script.split(" ")[0]}`, stderr: "", exitCode: 0 };
  };
  const files = await collect(
    kubeWith(async () => ""),
    { name: "vm", sh } as Machine,
  );
  expect(files["vm/agent.log"]).toBe("printed by tail");
  expect(files["vm/packet-filters.txt"]).toMatch(/^printed by iptables-save/);
  expect(files["problems.txt"]).toContain("journal.log of machine vm: ssh ended with exit code 255.");
});
