import { expect, test } from "vitest";
import { fine, type Finding, limited, missing } from "../clusters/finding.ts";
import { doctorReport } from "./doctor-report.ts";
import { doctorText, findingsInWords } from "./doctor-words.ts";

const clock: Finding = { group: "machine", ...limited("clock", "it follows nobody", "`timedatectl set-ntp true`") };
const disk: Finding = { group: "space", ...missing("disk", "1 GB free, expected 8 GB", "free 7 GB there") };
const packages: Finding = { group: "programs", ...fine("packages", "not installed: nftables", "installs nftables") };
const engine: Finding = { group: "programs", ...fine("engine", "none answers", "starts Debian's Docker engine") };
const system: Finding = { group: "machine", ...fine("system", "linux on x64") };

test("What is missing comes last, and below it what a run does by itself.", () => {
  expect(doctorText(doctorReport("lab", 2, [packages, disk, engine, clock, system]))).toMatchInlineSnapshot(`
    "machine
      system    linux on x64
    programs
      packages  not installed: nftables
      engine    none answers
    LIMITED: a run works, but slower, or without something
      clock     it follows nobody
                to mend it: \`timedatectl set-ntp true\`
    MISSING: a run does not work before this is mended
      disk      1 GB free, expected 8 GB
                to mend it: free 7 GB there

    1 missing, 1 limited, 3 fine for provider \`lab\` with 2 nodes
    \`scripts/vmesh run\`, once nothing is missing, by itself installs nftables and starts Debian's Docker engine."
  `);
});

test("Where nothing is to be done, nothing but findings is shown.", () => {
  expect(doctorText(doctorReport("lab", 1, [system]))).toMatchInlineSnapshot(`
    "machine
      system  linux on x64

    0 missing, 0 limited, 1 fine for provider \`lab\` with one node
    \`scripts/vmesh run\` has nothing to set up on this machine first."
  `);
});

test("Findings as evidence have their mend below them.", () => {
  expect(findingsInWords([disk, clock])).toMatchInlineSnapshot(`
    "disk: 1 GB free, expected 8 GB
        to mend it: free 7 GB there
    clock: it follows nobody
        to mend it: \`timedatectl set-ntp true\`"
  `);
});
