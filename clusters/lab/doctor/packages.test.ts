import { expect, test } from "vitest";
import { judgePackages } from "./packages.ts";

test.for([
  ["none", judgePackages([], false, true), "fine", undefined],
  ["one that a run installs", judgePackages(["nftables"], true, true), "fine", undefined],
  ["one without root", judgePackages(["nftables"], false, true), "missing", "sudo apt-get install"],
  ["one on another system", judgePackages(["nftables"], true, false), "missing", "package manager"],
] as const)(
  "Missing packages, %s: judged, with a mend where it is not fine.",
  ([, { level, mend }, expected, words]) => {
    expect(level).toBe(expected);
    if (words === undefined) expect(mend).toBeUndefined();
    else expect(mend).toContain(words);
  },
);

test("All that is missing is named, and what a run installs or a user types.", () => {
  expect(judgePackages(["nftables", "iptables"], true, true)).toMatchObject({
    detail: "not installed: nftables, iptables",
    runDoes: "installs the Debian packages nftables, iptables",
  });
  expect(judgePackages(["nftables", "iptables"], false, true).mend).toBe(
    "sudo apt-get install --no-install-recommends nftables iptables",
  );
});
