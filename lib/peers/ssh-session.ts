import { randomBytes } from "node:crypto";
import type { Machine } from "../machine.ts";
import { timeouts } from "../timeouts.ts";
import { eventually } from "../wait.ts";

/** A connection over SSH that is open, with something sent over it every second. */
export interface SshSession {
  /** Ends it, and tells what became of it: `closed`, or how it had broken. A second call tells the same. */
  close(): Promise<string>;
}

/** Opens a session on a machine, and returns once the machine has it. */
export async function openSession(machine: Machine, signal: AbortSignal): Promise<SshSession> {
  const mark = `/run/vmesh-session-${randomBytes(4).toString("hex")}`;
  const script = `touch ${mark}; while [ -e ${mark} ]; do echo open; sleep 1; done; echo closed`;
  const end = machine.sh(script, { signal, timeoutMs: timeouts.check }).then(
    ({ stdout }) => stdout.trim().split("\n").at(-1) ?? "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const what = `a session on machine \`${machine.name}\` is open`;
  await eventually({ what, budgetMs: timeouts.machineCommand, signal }, () =>
    machine.sh(`test -e ${mark}`, { signal }),
  );
  return {
    async close() {
      await machine.sh(`rm -f ${mark}`, { signal });
      return end;
    },
  };
}
