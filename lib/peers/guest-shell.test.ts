import { expect, test } from "vitest";
import type { SerialConsole } from "../kube/console.ts";
import { guestShell } from "./guest-shell.ts";

const { signal } = new AbortController();
const soon = { timeoutMs: 5_000, signal };

test("A command's output is what stands between its marks, whatever else the console shows.", async () => {
  const { console, lines } = guest((command) => (command === "uname" ? "Linux\r\n" : ""));
  const shell = guestShell(console);
  expect(await shell.run("uname", soon)).toBe("Linux\n");
  expect(lines).toHaveLength(1);
});

test("Commands wait for each other.", async () => {
  const { console, lines } = guest((command) => `${command}\r\n`);
  const shell = guestShell(console);
  expect(await Promise.all([shell.run("one", soon), shell.run("two", soon)])).toEqual(["one\n", "two\n"]);
  expect(lines.map((line) => /; (\w+);/.exec(line)?.[1])).toEqual(["one", "two"]);
});

test("A command that does not end is interrupted and told with what the console showed; the next one runs.", async () => {
  const { console, lines } = guest((command) => (command === "sleep" ? undefined : "ok\r\n"));
  const shell = guestShell(console);
  await expect(shell.run("sleep", { timeoutMs: 50, signal })).rejects.toMatchObject({
    message: "`sleep` on the guest's serial console did not end within 0.05 s.",
    evidence: expect.stringContaining("sleep"),
  });
  expect(lines.at(-1)).toBe("\x03");
  expect(await shell.run("true", soon)).toBe("ok\n");
});

test("A console that closes ends the command, and the shell says that it is not open.", async () => {
  const { console, close } = guest(() => undefined);
  const shell = guestShell(console);
  const running = shell.run("sleep", soon);
  await Promise.resolve();
  expect(shell.isOpen()).toBe(true);
  close();
  await expect(running).rejects.toThrow("The serial console closed.");
  expect(shell.isOpen()).toBe(false);
});

/** A tty with echo and a shell behind it, which prints `answer(command)`, or nothing more where that is undefined. */
function guest(answer: (command: string) => string | undefined) {
  const lines: string[] = [];
  let show: (text: string) => void = () => {};
  let ended = () => {};
  const console: SerialConsole = {
    onText: (listener) => void (show = listener),
    onClosed: (listener) => void (ended = listener),
    close: () => ended(),
    write(line) {
      lines.push(line);
      show(`~ # ${line}\r\n`);
      const [, id, command = ""] = /^echo begin"-(\w+)"; (.*); echo end"-\w+"\r$/.exec(line) ?? [];
      const output = id && answer(command);
      if (output !== undefined) show(`begin-${id}\r\n${output}en`);
      if (output !== undefined) show(`d-${id}\r\n~ # `);
    },
  };
  return { console, lines, close: () => ended() };
}
