import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../lib/temporary-folder.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { judgeKvm, readKvm, tryBoot } from "./kvm.ts";

test.for([
  ["no KVM", { outcome: "absent" }, "limited", "no `/dev/kvm`: the external VM is emulated"],
  ["KVM before anything is built", { outcome: "untried" }, "fine", "once it has built what to boot"],
  ["KVM that boots", { outcome: "boots", seconds: 0.84 }, "fine", "boots in it within 0.8 s"],
  [
    "KVM that is there and does not boot",
    { outcome: "fails", why: "KVM internal error. Suberror: 1", seconds: 3.2 },
    "limited",
    "(a trial of 3.2 s ended with: KVM internal error. Suberror: 1)",
  ],
] as const)("%s never keeps a run from working.", ([, seen, level, words]) => {
  const judgement = judgeKvm(seen);
  expect(judgement).toMatchObject({ level, ok: true, detail: expect.stringContaining(words) });
  expect(judgement.mend === undefined).toBe(level === "fine");
});

/** What QEMU does: the guest's console and its own words, and then it may stay. */
const qemu = (script: string) => ["sh", "-c", script];

test.for([
  ["comes up and powers off", 'printf "BIOS\\r\\nmachine: the trial boot works\\r\\n"', { outcome: "boots" }],
  ["comes up and stays", 'echo "machine: the trial boot works"; sleep 60', { outcome: "boots" }],
  [
    "dies",
    'echo "KVM internal error. Suberror: 1" >&2; sleep 60',
    { outcome: "fails", why: "KVM internal error. Suberror: 1" },
  ],
  [
    "may not use the device",
    'echo "qemu-system-x86_64: failed to initialize kvm: Permission denied" >&2; exit 1',
    { outcome: "fails", why: "qemu-system-x86_64: failed to initialize kvm: Permission denied" },
  ],
  ["ends without a word", "exit 7", { outcome: "fails", why: "QEMU ended with exit code 7" }],
] as const)("A guest that %s is told by what it and QEMU said.", async ([, script, outcome]) => {
  const seen = await tryBoot(qemu(script));
  expect(seen).toMatchObject(outcome);
  // Nobody waits for the rest of the time once it is clear.
  expect("seconds" in seen && seen.seconds * 1000).toBeLessThan(timeouts.trialBoot);
});

test("A guest that says nothing fails when the time is over.", async () => {
  const why = "no process of the kernel within 0.2 s";
  expect(await tryBoot(qemu("sleep 60"), 200)).toMatchObject({ outcome: "fails", why });
  const farewell = "trap 'echo qemu-system-x86_64: terminating on signal 15; exit' TERM; while :; do sleep 0.05; done";
  expect(await tryBoot(qemu(farewell), 200)).toMatchObject({ outcome: "fails", why });
});

test("Without anything to boot in the cache, nothing is tried and nothing made.", async () => {
  const cacheDir = join(await temporaryFolder(), "cache");
  expect(["absent", "untried"]).toContain((await readKvm(cacheDir)).outcome);
  await mkdir(join(cacheDir, "machine-0123456789abcdef.ab12.draft"), { recursive: true });
  expect(["absent", "untried"]).toContain((await readKvm(cacheDir)).outcome);
});
