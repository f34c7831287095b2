import { describe, expect, test } from "vitest";
import { assertFilled, atGatewayPort, type WorkloadFiles, workloadFileNames } from "./onboarding.ts";

const files = Object.fromEntries(workloadFileNames.map((name) => [name, `content of ${name}\n`])) as WorkloadFiles;

describe("The files for a VM", () => {
  test("are accepted when each holds something.", () => {
    expect(() => assertFilled(files)).not.toThrow();
  });

  test.each([
    ["hosts", /`hosts` empty.*\n.*`istio-system\/istio-eastwestgateway` has no external address/s],
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
