import type { RequestOptions } from "node:https";
import { WebSocket } from "ws";
import { environmentError } from "../errors.ts";
import { noteRequest } from "./request-journal.ts";
import type { Transport } from "./transport.ts";

export interface ConsoleTarget {
  namespace: string;
  vmi: string;
  signal?: AbortSignal | undefined;
}

/** An open serial console: bytes to the guest's tty, and all it prints from now on. */
export interface SerialConsole {
  write(text: string): void;
  /** Calls back with each piece of output. One listener; a second one replaces it. */
  onText(listener: (text: string) => void): void;
  /** Calls back once when the connection ends, whoever ended it. */
  onClosed(listener: () => void): void;
  close(): void;
}

/**
 * Opens the serial console of a VMI, as `virtctl console` does: KubeVirt's subresource API, WebSocket subprotocol
 * `plain.kubevirt.io`. A later opening of the same console ends this one. Throws an environment error if it is refused.
 */
export async function openConsole(transport: Transport, { namespace, vmi, signal }: ConsoleTarget) {
  const subject = `serial console of VMI ${namespace}/${vmi}`;
  return transport.reconnecting({ method: "CONNECT", subject, signal }, async (): Promise<SerialConsole> => {
    const options: RequestOptions = {};
    await transport.config.applyToHTTPSOptions(options);
    const server = transport.config.getCurrentCluster()?.server.replace(/^http/, "ws").replace(/\/$/, "") ?? "";
    const path = `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${vmi}/console`;
    noteRequest("GET", path);
    const socket = new WebSocket(server + path, "plain.kubevirt.io", options as object);
    let listener: (text: string) => void = () => {};
    socket.on("message", (data) => listener(data.toString()));
    const opened = Promise.withResolvers<void>();
    socket.once("open", opened.resolve);
    socket.once("error", opened.reject);
    socket.once("unexpected-response", (_, { statusCode }) =>
      opened.reject(environmentError(`The ${subject} cannot be opened: the API answered ${statusCode}.`)),
    );
    await opened.promise;
    // After the handshake an error only precedes `close`, which is what listeners hear of.
    socket.on("error", () => {});
    return {
      write: (text) => socket.send(Buffer.from(text)),
      onText: (next) => void (listener = next),
      onClosed: (ended) => void socket.once("close", ended),
      close: () => socket.terminate(),
    };
  });
}
