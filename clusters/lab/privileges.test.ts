import { expect, test } from "vitest";
import { nodePrivileges, privilegesOf } from "./privileges.ts";

const status = (bounding: string) =>
  `Name:\tnode\nCapEff:\t000001ffffffffff\nCapBnd:\t${bounding}\nCapAmb:\t0000000000000000\n`;

test("a bounding set with everything up to the kernel's last capability means plain privileged", () => {
  expect(privilegesOf(status("000001ffffffffff"), 40)).toEqual({ privileged: true });
  expect(privilegesOf(status("0000003fffffffff"), 37)).toEqual({ privileged: true });
});

test("without SYS_RESOURCE every other capability is named, except those Docker 20.10 does not know", () => {
  const privileges = privilegesOf(status("000001fffeffffff"), 40);

  if (privileges.privileged) throw new Error("expected single capabilities");
  expect(privileges.missing).toEqual(["SYS_RESOURCE"]);
  expect(privileges.capabilities).toHaveLength(37);
  expect(privileges.capabilities).not.toContain("SYS_RESOURCE");
  for (const unknown of ["PERFMON", "BPF", "CHECKPOINT_RESTORE"])
    expect(privileges.capabilities).not.toContain(unknown);
});

test.for([
  [0, "CHOWN"],
  [12, "NET_ADMIN"],
  [21, "SYS_ADMIN"],
  [24, "SYS_RESOURCE"],
  [27, "MKNOD"],
  [37, "AUDIT_READ"],
] as const)("capability number %i is %s", ([number, name]) => {
  expect(privilegesOf(status((1n << BigInt(number)).toString(16)), 40)).toMatchObject({ capabilities: [name] });
});

test("a capability newer than this list is missing by its number", () => {
  expect(privilegesOf(status("000001ffffffffff"), 41)).toMatchObject({ privileged: false, missing: ["CAP_41"] });
});

test("a text without a bounding set is an error that shows it", () => {
  expect(() => privilegesOf("Name:\tnode\n", 40)).toThrow("no line `CapBnd:`");
});

test.runIf(process.platform === "linux")("the running kernel's own files can be judged", async () => {
  expect(await nodePrivileges()).toHaveProperty("privileged");
});
