import { describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import {
  assertFilled,
  atGatewayPort,
  joinMesh,
  rejoinMesh,
  type WorkloadFiles,
  workloadFileNames,
} from "./onboarding.ts";

const files = Object.fromEntries(workloadFileNames.map((name) => [name, `content of ${name}\n`])) as WorkloadFiles;

describe("The files for a VM", () => {
  test("are accepted when each holds something.", () => {
    expect(() => assertFilled(files)).not.toThrow();
  });

  test.each([
    ["hosts", /`hosts` empty.*\n.*`istio-eastwestgateway\.istio-system` has no external address/s],
    ["istio-token", /`istio-token` empty/],
    ["root-cert.pem", /`root-cert\.pem` empty/],
  ])("are refused when %s is empty, with what to look at.", (name, message) => {
    let error: Error & { hint?: string } = new Error("nothing was thrown");
    try {
      assertFilled({ ...files, [name]: " \n" });
    } catch (caught) {
      error = caught as Error;
    }
    expect(`${error.message}\n${error.hint}`).toMatch(message);
  });

  test("send the agent to the gateway's port for certificates and configuration, the last word being ours.", () => {
    const istioctls = { ...files, "cluster.env": "CA_ADDR='istiod-1-31-1.istio-system.svc:15012'\n" };
    expect(atGatewayPort(istioctls, "1-31-1")["cluster.env"].trimEnd().split("\n").slice(-2)).toEqual([
      "CA_ADDR='istiod-1-31-1.istio-system.svc:15013'",
      "PILOT_ADDRESS='istiod-1-31-1.istio-system.svc:15013'",
    ]);
  });
});

/** A double of a machine whose agent is ready after so many starts; what was done to it is told in words. */
function machine({ readyAfter, ready = false }: { readyAfter: number; ready?: boolean }) {
  const done: string[] = [];
  let starts = 0;
  const double: Machine = {
    name: "vm",
    address: "192.0.2.1",
    async sh(script) {
      if (script.includes("systemctl stop")) done.push("leave");
      if (script.includes("systemctl start")) {
        done.push("start");
        starts += 1;
      }
      const isReady = starts === 0 ? ready : starts >= readyAfter;
      return { exitCode: 0, stdout: script.includes("15021") && isReady ? "200" : "503", stderr: "" };
    },
    write: async (path) => void done.push(path.split("/").at(-1) ?? ""),
    read: async () => "",
    command: () => [],
  };
  return { double, done };
}

describe("A VM that joins", () => {
  const copied = ["root-cert.pem", "istio-token", "cluster.env", "mesh", "hosts"];
  const anew = ["leave", ...copied, "start"];
  const { signal } = new AbortController();

  test("leaves first, and is started with its files.", async () => {
    const { double, done } = machine({ readyAfter: 1 });
    await joinMesh(double, files, signal);
    expect(done).toEqual(anew);
  });

  test("is started once more when its start hangs, and no third time.", async () => {
    const second = machine({ readyAfter: 2 });
    await joinMesh(second.double, files, signal, 20);
    expect(second.done).toEqual([...anew, ...anew]);
    const never = machine({ readyAfter: 3 });
    await expect(joinMesh(never.double, files, signal, 20)).rejects.toThrow("the proxy of machine `vm` is ready");
    expect(never.done).toEqual([...anew, ...anew]);
  });

  test.each([
    [true, []],
    [false, anew],
  ])("again is left alone if it is ready: %s.", async (ready, expected) => {
    const { double, done } = machine({ readyAfter: 1, ready });
    await rejoinMesh(double, files, signal);
    expect(done).toEqual(expected);
  });
});
