import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { outsideLedger, readOutside } from "./outside.ts";

const ref = (name: string) => ({ apiVersion: "v1", kind: "Service", namespace: "elsewhere", name });
const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "elsewhere" } };

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "vmesh-outside-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test("What was applied is to be removed, the latest first, and what was withdrawn to be put back.", async () => {
  const path = await folder();
  const ledger = outsideLedger(path);
  ledger.applied([ref("a"), ref("b")]);
  ledger.withdrew(object);
  expect(readOutside(path)).toEqual({ remove: [ref("b"), ref("a")], putBack: [object] });
});

test("What was undone is not to be undone again, and what was done anew is.", async () => {
  const path = await folder();
  const ledger = outsideLedger(path);
  ledger.applied([ref("a"), ref("b")]);
  ledger.withdrew(object);
  ledger.undone(ref("a"));
  ledger.undone({ apiVersion: "v1", kind: "ConfigMap", namespace: "elsewhere", name: "c" });
  expect(readOutside(path)).toEqual({ remove: [ref("b")], putBack: [] });
  ledger.applied([ref("a")]);
  expect(readOutside(path).remove).toEqual([ref("a"), ref("b")]);
});

test("Half a line, as a dying process leaves it, tells of nothing that was done.", async () => {
  const path = await folder();
  outsideLedger(path).applied([ref("a")]);
  appendFileSync(join(path, "outside.ndjson"), '{"did":"apply","ref":{"ki');
  expect(readOutside(path).remove).toEqual([ref("a")]);
});

test("Without a ledger there is nothing to undo, and without a folder nothing is written.", async () => {
  outsideLedger(undefined).applied([ref("a")]);
  expect(readOutside(await folder())).toEqual({ remove: [], putBack: [] });
});
