import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Exec } from "@kubernetes/client-node";
import type { V1Status } from "@kubernetes/client-node";
import type { CommandResult } from "../command.ts";
import { environmentError, interruptedError } from "../errors.ts";
import type { ExecTarget } from "../kube.ts";
import { deadline, untilAborted } from "../wait.ts";
import { noteRequest } from "./request-journal.ts";
import type { Transport } from "./transport.ts";

/**
 * Runs a command in a container over a WebSocket. A timeout or abort closes the stream, which does not end the
 * command inside: commands must have a limit of their own. Throws an environment error when the command cannot be
 * started or the stream breaks, an interrupted error when the target's signal aborts.
 */
export async function execInPod(transport: Transport, target: ExecTarget): Promise<CommandResult> {
  const { namespace, pod, container, command, timeoutMs, signal } = target;
  const subject = `\`${command.join(" ")}\` in ${namespace}/${pod}, container \`${container}\``;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = Promise.all([text(stdout), text(stderr)]);
  const ended = Promise.withResolvers<V1Status>();
  const limit = deadline(timeoutMs, signal);
  let close = () => {};
  noteRequest("GET", `/api/v1/namespaces/${namespace}/pods/${pod}/exec`);
  try {
    return await untilAborted(limit, async () => {
      const socket = await transport.reconnecting({ method: "EXEC", subject, signal: limit }, () =>
        new Exec(transport.config).exec(
          namespace,
          pod,
          container,
          [...command],
          stdout,
          stderr,
          null,
          false,
          ended.resolve,
        ),
      );
      close = () => socket.close();
      if (limit.aborted) close();
      socket.onclose = () =>
        ended.reject(environmentError(`${subject}: the connection broke before the command ended.`));
      const exitCode = exitCodeOf(await ended.promise, subject);
      const [out, err] = await output;
      return { stdout: out, stderr: err, exitCode };
    });
  } catch (error) {
    if (signal?.aborted) throw interruptedError(`${subject} was interrupted.`, { cause: error });
    if (limit.aborted) throw environmentError(`${subject} did not end within ${timeoutMs / 1000} s.`);
    throw error;
  } finally {
    stdout.end();
    stderr.end();
    close();
  }
}

/** The exit code in the status that ends an exec stream; throws when the command was never started. */
export function exitCodeOf(status: V1Status, subject: string): number {
  if (status.status === "Success") return 0;
  const exit = status.details?.causes?.find((cause) => cause.reason === "ExitCode");
  if (exit?.message !== undefined) return Number(exit.message);
  throw environmentError(`${subject} could not be run: ${status.message ?? status.reason ?? "no reason given"}`);
}
