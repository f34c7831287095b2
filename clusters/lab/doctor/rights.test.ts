import { expect, test } from "vitest";
import { judgeCapabilities, judgeConfinement, judgeUser } from "./rights.ts";

const whole = "         0          0 4294967295\n";
const mapped = "         0     100000      65536\n";
const without = (...missing: string[]) => judgeCapabilities({ privileged: false, capabilities: [], missing });
const status = (noNewPrivs: number, seccomp: number) =>
  `Name:\tnode\nNoNewPrivs:\t${noNewPrivs}\nSeccomp:\t${seccomp}\nSeccomp_filters:\t${seccomp}\n`;

test.for([
  ["root", judgeUser(true, whole), "fine", undefined],
  ["another user", judgeUser(false, whole), "missing", "run with sudo"],
  ["root of a user namespace", judgeUser(true, mapped), "missing", "as root of the machine"],
  ["all capabilities", judgeCapabilities({ privileged: true }), "fine", undefined],
  ["capabilities without SYS_RESOURCE", without("SYS_RESOURCE"), "fine", undefined],
  ["capabilities without NET_ADMIN", without("SYS_RESOURCE", "NET_ADMIN"), "missing", "with CAP_NET_ADMIN"],
  ["no confinement", judgeConfinement(status(0, 0), false), "fine", undefined],
  ["no new privileges", judgeConfinement(status(1, 0), false), "missing", "`no-new-privileges`"],
  ["a seccomp filter", judgeConfinement(status(0, 2), false), "limited", "seccomp=unconfined"],
  ["both beside an engine that has its own", judgeConfinement(status(1, 2), true), "fine", undefined],
] as const)("%s: judged, with a mend where it is not fine.", ([, { level, mend }, expected, words]) => {
  expect(level).toBe(expected);
  if (words === undefined) expect(mend).toBeUndefined();
  else expect(mend).toContain(words);
});

test("Every capability that is needed and missing is named with what it is needed for.", () => {
  const { detail, mend } = without("SYS_RESOURCE", "NET_ADMIN", "MKNOD");
  expect(detail).toBe(
    "missing in the bounding set: NET_ADMIN (bridges, taps, packet filters), MKNOD (devices of nodes and guests)",
  );
  expect(mend).toBe("start this machine or container with CAP_NET_ADMIN, CAP_MKNOD");
});
