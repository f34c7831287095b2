import { randomBytes } from "node:crypto";
import { environmentError } from "../errors.ts";
import type { SerialConsole } from "../kube/console.ts";
import { deadline, untilAborted } from "../wait.ts";

/** A root shell on a guest's serial console, one command at a time. */
export interface GuestShell {
  /**
   * Runs a command and returns what it printed, without the tty's carriage returns. Throws an environment error if it
   * does not end in time, with the end of what the console showed.
   */
  run(command: string, options: { timeoutMs: number; signal: AbortSignal }): Promise<string>;
  /** Whether the console is still connected: a migration ends the connection. */
  isOpen(): boolean;
  close(): void;
}

/** What is kept of a console's output for messages and for the answer under way, in characters. */
const MEMORY = 4_000_000;

/**
 * A shell on an open console. The guest must show a prompt of its own accord, as the lab's guest does: there is no
 * login. Marks around each answer are written so that the tty's echo of the command does not contain them.
 */
export function guestShell(console: SerialConsole): GuestShell {
  let seen = "";
  let closed = false;
  let wake = () => {};
  console.onText((text) => {
    seen = (seen + text).slice(-MEMORY);
    wake();
  });
  console.onClosed(() => {
    closed = true;
    wake();
  });
  let turn: Promise<unknown> = Promise.resolve();

  const runNow = async (command: string, timeoutMs: number, signal: AbortSignal): Promise<string> => {
    const id = randomBytes(4).toString("hex");
    seen = "";
    const answered = new RegExp(`begin-${id}\\r*\\n([^]*?)end-${id}`);
    console.write(`echo begin"-${id}"; ${command}; echo end"-${id}"\r`);
    const limit = deadline(timeoutMs, signal);
    return untilAborted(limit, async () => {
      for (;;) {
        const answer = answered.exec(seen)?.[1];
        if (answer !== undefined) return answer.replaceAll("\r", "");
        if (closed) throw environmentError("The serial console closed.", { evidence: seen.slice(-500) });
        const next = Promise.withResolvers<void>();
        wake = next.resolve;
        await next.promise;
      }
    }).catch((cause: unknown) => {
      if (!limit.aborted || signal.aborted) throw cause;
      // What still runs must not answer for the next command.
      if (!closed) console.write("\x03");
      const message = `\`${command}\` on the guest's serial console did not end within ${timeoutMs / 1000} s.`;
      throw environmentError(message, { evidence: seen.slice(-500) });
    });
  };

  return {
    run(command, { timeoutMs, signal }) {
      const mine = turn.then(() => runNow(command, timeoutMs, signal));
      turn = mine.catch(() => undefined);
      return mine;
    },
    isOpen: () => !closed,
    close: () => console.close(),
  };
}
