import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../settings.ts";
import { judgeGuestRange, judgePort, judgeSubnets, readPort } from "./addresses.ts";

const listener = (local: string) => `LISTEN 0      4096   ${local}   0.0.0.0:*    users:(("nginx",pid=7,fd=3))  \n`;
const port = (listeners: string | undefined) => judgePort(5000, { isFree: false, listeners });
const office = [{ cidr: "10.0.0.0/9", by: "a route over `tun0`" }];
const docker = [{ cidr: "172.16.0.0/12", by: "a route over `docker0`" }];

test.for([
  ["a free port", judgePort(5000, { isFree: true, listeners: undefined }), "fine"],
  ["a port that somebody has everywhere", port(listener("0.0.0.0:5000")), "missing"],
  ["a port that somebody has in IPv6 too", port(listener("*:5000")), "missing"],
  ["a port that another lab has on its own address", port(listener("172.30.0.1:5000")), "fine"],
  ["one on an address, one everywhere", port(listener("127.0.0.1:5000") + listener("[::]:5000")), "missing"],
  ["a taken port without a listener in sight", port(listener("0.0.0.0:15000")), "missing"],
  ["a taken port where `ss` is missing", port(undefined), "missing"],
  ["free subnets", judgeSubnets(parseSettings({}), []), "fine"],
  ["a range that is routed elsewhere", judgeSubnets(parseSettings({ podSubnet: "10.1.0.0/16" }), office), "missing"],
  ["a pool for nodes that is all taken", judgeSubnets(parseSettings({}), docker), "missing"],
  ["a node subnet outside it", judgeSubnets(parseSettings({ nodeSubnet: "192.168.9.0/24" }), docker), "fine"],
  ["a free guest range", judgeGuestRange("10.0.2.0/24", docker), "fine"],
  ["a guest range that is taken", judgeGuestRange("10.0.2.0/24", office), "limited"],
] as const)("%s: judged, with a mend where it is not fine.", ([, { level, mend }, expected]) => {
  expect(level).toBe(expected);
  expect(mend === undefined).toBe(level === "fine");
});

test("Who has a port or a range is named.", () => {
  expect(port(listener("0.0.0.0:5000")).detail).toBe(
    "5000 is taken on all addresses by `nginx` (pid 7) at 0.0.0.0:5000",
  );
  expect(judgeSubnets(parseSettings({ podSubnet: "10.1.0.0/16" }), office).detail).toBe(
    "`podSubnet` 10.1.0.0/16 is not free: a route over `tun0` has 10.0.0.0/9. " +
      "`serviceSubnet` 10.96.0.0/16 is not free: a route over `tun0` has 10.0.0.0/9.",
  );
  expect(judgeGuestRange("10.0.2.0/24", office).detail).toContain("a route over `tun0` has 10.0.0.0/9");
});

test("The subnet that nodes would get is named, too.", () => {
  const taken = [{ cidr: "172.30.0.0/24", by: "Docker network `other`" }];
  expect(judgeSubnets(parseSettings({}), taken).detail).toMatch(/^`nodeSubnet` 172\.30\.1\.0\/24, `podSubnet` 10\.244/);
});

test("A port that is taken here is seen as such, and as free again afterwards.", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  const taken = typeof bound === "object" && bound ? bound.port : 0;
  expect(await readPort(taken, false)).toEqual({ isFree: false, listeners: undefined });
  await new Promise((resolve) => server.close(resolve));
  expect(await readPort(taken, false)).toEqual({ isFree: true, listeners: undefined });
});
