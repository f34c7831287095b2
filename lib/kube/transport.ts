import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";
import { environmentError, interruptedError } from "../errors.ts";
import { timeouts } from "../timeouts.ts";
import { WaitError, deadline, eventually } from "../wait.ts";
import { noteRequest } from "./request-journal.ts";

export interface Request {
  method: string;
  /** From `/api` or `/apis` on, with the query. */
  path: string;
  /** What the request is about, for messages: `Pod echo/server`. */
  subject: string;
  contentType?: string;
  /** Form of the answer; JSON if not given. */
  accept?: string;
  body?: object;
  signal?: AbortSignal | undefined;
}

/** Whatever the server said; judging the status is the caller's. */
export interface Answer {
  status: number;
  body: string;
}

/** Requests to one API server, with the credentials of a kubeconfig. */
export interface Transport {
  config: KubeConfig;
  send(request: Request): Promise<Answer>;
  /** Repeats `attempt` while the server cannot be reached. Other errors pass at once. */
  reconnecting<T>(request: Pick<Request, "method" | "subject" | "signal">, attempt: () => Promise<T>): Promise<T>;
}

/**
 * client-node brings kubeconfig, TLS and credentials. Its typed requests are not used: they drop fields that their
 * version does not know. Every request vmesh sends may be repeated safely (GET, apply, merge patch, DELETE).
 */
export function createTransport(kubeconfigPath: string, reconnectMs: number = timeouts.apiReconnect): Transport {
  const config = loadConfig(kubeconfigPath);
  const transport: Transport = {
    config,
    send: (request) => transport.reconnecting(request, () => sendOnce(config, request)),
    async reconnecting({ method, subject, signal }, attempt) {
      const what = `${method} ${subject} reaches the API server`;
      const options = { what, budgetMs: reconnectMs, intervalMs: 500, signal };
      const outcome = await eventually(options, async () => {
        try {
          return { value: await attempt() };
        } catch (error) {
          if (isUnreachable(error)) throw error;
          return { error };
        }
      }).catch((error: unknown) => {
        // Not a wait for the cluster's state but for the cluster: the harness's fault, whoever asked.
        if (!(error instanceof WaitError)) throw error;
        throw environmentError(error.message, { cause: error.last });
      });
      if ("value" in outcome) return outcome.value;
      throw explain(method, subject, signal, outcome.error);
    },
  };
  return transport;
}

async function sendOnce(config: KubeConfig, request: Request): Promise<Answer> {
  noteRequest(request.method, request.path, request.contentType);
  const server = config.getCurrentCluster()?.server ?? "";
  const url = new URL(server.replace(/\/$/, "") + request.path);
  const options: RequestOptions = { method: request.method, signal: deadline(timeouts.apiRequest, request.signal) };
  await config.applyToHTTPSOptions(options);
  const body = request.body && JSON.stringify(request.body);
  options.headers = {
    ...options.headers,
    Accept: request.accept ?? "application/json, */*",
    ...(body && {
      "Content-Type": request.contentType ?? "application/json",
      "Content-Length": Buffer.byteLength(body),
    }),
  };
  const answered = Promise.withResolvers<Answer>();
  const start = url.protocol === "http:" ? httpRequest : httpsRequest;
  start(url, options, (response) => {
    text(response).then((body) => answered.resolve({ status: response.statusCode ?? 0, body }), answered.reject);
  })
    .on("error", answered.reject)
    .end(body);
  return answered.promise;
}

function explain(method: string, subject: string, signal: AbortSignal | undefined, error: unknown): Error {
  if (signal?.aborted) return interruptedError(`${method} ${subject} was interrupted.`, { cause: error });
  if (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError")) {
    return environmentError(`${method} ${subject}: no answer from the API within ${timeouts.apiRequest / 1000} s.`);
  }
  return error instanceof Error && error.name === "HarnessError"
    ? error
    : environmentError(`${method} ${subject} did not get through: ${messageOf(error)}`, { cause: error });
}

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);

/** Errors of a connection that may well work a moment later. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  if (typeof error !== "object" || error === null) return false;
  if ("code" in error && typeof error.code === "string" && unreachable.has(error.code)) return true;
  return "error" in error && isUnreachable(error.error);
}

function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

function loadConfig(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (cause) {
    throw environmentError(`\`${path}\` is not a readable kubeconfig file.`, { cause });
  }
  if (!config.getCurrentCluster() || !config.getCurrentUser()) {
    throw environmentError(`The kubeconfig \`${path}\` has no current context with a cluster and a user.`, {
      hint: "choose one with `kubectl config use-context`",
    });
  }
  return config;
}
