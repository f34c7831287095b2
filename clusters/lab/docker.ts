import { request } from "node:http";
import { environmentError, interruptedError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { deadline } from "../../lib/wait.ts";

/** Every container, network and volume of a lab carries this label; its value is the cluster's id. */
export const clusterLabel = "vmesh.dev/cluster";

export interface DockerRequest {
  method?: "GET" | "POST" | "DELETE";
  body?: unknown;
  /** Also an answer, not an error: 404 for what may be gone already, 409 for what may be there. */
  accept?: readonly number[];
  /** For the whole exchange; `timeouts.hostCommand` when not given. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export interface DockerAnswer {
  status: number;
  /** Parsed where the engine sent JSON, else the text. */
  body: unknown;
}

/**
 * One request to the engine behind a unix socket, e.g. `docker(socket, "/version")`.
 * Throws an environment error with the engine's own message for a status of 300 and above that is not in `accept`,
 * where nothing answers, and where the answer takes longer than `timeoutMs`.
 */
export async function docker(socket: string, path: string, options: DockerRequest = {}): Promise<DockerAnswer> {
  const { method = "GET", body, accept = [], timeoutMs = timeouts.hostCommand, signal } = options;
  const limit = deadline(timeoutMs, signal);
  const answer = await exchange(socket, path, { method, body, signal: limit }).catch((cause: unknown) => {
    if (signal?.aborted)
      throw interruptedError(`Interrupted while asking the Docker engine for \`${path}\`.`, { cause });
    if (limit.aborted) {
      const expected = `expected an answer to \`${method} ${path}\` within ${timeoutMs / 1000} s`;
      throw environmentError(`The Docker engine at \`${socket}\` is too slow: ${expected}.`, { cause });
    }
    throw environmentError(`No Docker engine answers at \`${socket}\`.`, { cause });
  });
  if (answer.status < 300 || accept.includes(answer.status)) return answer;
  throw environmentError(`The Docker engine answered ${answer.status} to \`${method} ${path}\`.`, {
    evidence: messageOf(answer.body),
  });
}

/** The value of a `filters` query in list requests, encoded: `/networks?filters=${filters({ label: ["a=b"] })}`. */
export function filters(filter: Record<string, readonly string[]>): string {
  return encodeURIComponent(JSON.stringify(filter));
}

function exchange(
  socketPath: string,
  path: string,
  { method, body, signal }: { method: string; body: unknown; signal: AbortSignal },
): Promise<DockerAnswer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath,
        path,
        method,
        signal,
        headers: payload === undefined ? {} : { "content-type": "application/json" },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = response.headers["content-type"]?.startsWith("application/json") ?? false;
          try {
            resolve({ status: response.statusCode ?? 0, body: isJson && text ? JSON.parse(text) : text });
          } catch (error) {
            reject(error as Error);
          }
        });
      },
    );
    call.on("error", reject);
    call.end(payload);
  });
}

function messageOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "message" in body) return String(body.message);
  return String(body);
}
