import { expect, test } from "vitest";
import { milestoneLog } from "./milestones.ts";

const namespace = "shop";
const peer = (name: string) => ({ name, namespace, kind: "vmi" }) as const;
const instance = (name: string) => ({ kind: "VirtualMachineInstance", namespace, name });

/** A log whose clock is moved by hand. */
function logAt() {
  let time = 0;
  return { log: milestoneLog(() => time), at: (ms: number) => void (time = ms) };
}

test("The clock of a workload starts when it was applied, of one that a later step brought with that step.", () => {
  const { log, at } = logAt();
  log.applied();
  log.applying([instance("first")]);
  at(1_000);
  log.mark(peer("first"), "readyMs");
  at(5_000);
  log.applying([instance("second")]);
  at(7_000);
  log.mark(peer("second"), "readyMs");
  log.mark(peer("unnamed"), "readyMs");
  expect(log.all()).toMatchObject([{ readyMs: 1_000 }, { readyMs: 2_000 }, { readyMs: 7_000 }]);
});

test("It starts anew neither with an object that only has the workload's name, nor once the workload is seen.", () => {
  const { log, at } = logAt();
  log.applying([instance("vmi"), instance("seen")]);
  log.mark(peer("seen"), "readyMs");
  at(5_000);
  log.applying([{ ...instance("vmi"), kind: "Service" }, instance("seen")]);
  log.mark(peer("vmi"), "readyMs");
  log.mark(peer("seen"), "firstMtlsMs");
  expect(log.all()).toMatchObject([{ firstMtlsMs: 5_000 }, { readyMs: 5_000 }]);
});

test("A time that is given is taken as it is.", () => {
  const { log } = logAt();
  log.mark(peer("vmi"), "runningMs", 12.4);
  expect(log.all()).toMatchObject([{ runningMs: 12 }]);
});
