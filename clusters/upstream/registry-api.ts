import { createHash } from "node:crypto";
import { z } from "zod";
import { environmentError, type HarnessError, interruptedError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { deadline, untilAborted } from "../../lib/wait.ts";
import { manifestTypes } from "./image-manifest.ts";

export interface RegistryOptions {
  signal: AbortSignal;
  /** How long it may take to begin an answer; `timeouts.downloadSilence` when not given. */
  silenceMs?: number;
  /** Without TLS. */
  plain?: boolean;
}

export interface RegistryRequest {
  method?: "GET" | "HEAD" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: Blob | string;
  /** Ends the request; the registry's own signal when not given. */
  signal?: AbortSignal;
}

/** A registry that speaks the distribution protocol. */
export interface RegistryApi {
  /**
   * Sends a request for one repository, with a token if the registry wants one; whatever it answers is returned. `path`
   * is what follows the repository's name, or a whole address that the registry gave.
   */
  ask(repository: string, path: string, request?: RegistryRequest): Promise<Response>;
}

const accept = [...manifestTypes.list, ...manifestTypes.image].join(", ");

/** A registry by its host as references have it. Nothing is asked yet. Logins are not supported, only anonymous tokens. */
export function registryAt(host: string, options: RegistryOptions): RegistryApi {
  const { signal, plain = false, silenceMs = timeouts.downloadSilence } = options;
  // Docker Hub's name in references is not where it is.
  const base = `${plain ? "http" : "https"}://${host === "docker.io" ? "registry-1.docker.io" : host}/v2/`;
  const tokens = new Map<string, string>();
  return {
    async ask(repository, path, request = {}) {
      const url = /^https?:/.test(path) ? new URL(path) : new URL(`${repository}/${path}`, base);
      const send = () => {
        const token = tokens.get(repository);
        const headers = { ...request.headers, ...(token && { authorization: `Bearer ${token}` }) };
        return answer(url, { signal, ...request, headers }, silenceMs);
      };
      const first = await send();
      if (first.status !== 401) return first;
      const token = await tokenFor(first, { signal, silenceMs });
      if (token === undefined) return first;
      tokens.set(repository, token);
      return send();
    },
  };
}

/** The digest that a tag stands for now. Throws an environment error if the registry does not say it. */
export async function digestOf(api: RegistryApi, repository: string, version: string): Promise<string> {
  const { digest } = await manifestOf(api, repository, version, "HEAD");
  return digest;
}

/** A manifest as the registry has it, which is what its digest is of. Throws an environment error if it is not there. */
export async function manifestOf(
  api: RegistryApi,
  repository: string,
  version: string,
  method: "GET" | "HEAD" = "GET",
): Promise<{ digest: string; type: string; text: string }> {
  const response = await api.ask(repository, `manifests/${version}`, { method, headers: { accept } });
  if (response.status !== 200) throw await refusal(`${repository}:${version}`, response);
  const text = await response.text();
  const said = response.headers.get("docker-content-digest");
  // Not every registry says it with HEAD.
  if (method === "HEAD") return said ? { digest: said, type: "", text: "" } : manifestOf(api, repository, version);
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  if (version.startsWith("sha256:") && digest !== version) {
    throw environmentError(`The registry serves another manifest of \`${repository}\` than was asked for.`, {
      evidence: `expected ${version}\ngot      ${digest}`,
    });
  }
  const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
  return { digest, type, text };
}

/** What a registry's refusal means. */
export async function refusal(what: string, response: Response): Promise<HarnessError> {
  const evidence = (await response.text().catch(() => "")).slice(0, 300);
  const meanings: Record<number, string> = {
    401: "there is no such image, or it needs a login, which vmesh does not do: mirror it where none is needed",
    403: "there is no such image, or it needs a login, which vmesh does not do: mirror it where none is needed",
    404: "see whether the version exists, and whether the mirror has it",
    429: "too many requests came from this address: wait, or name a mirror (`mirror`)",
  };
  const { host } = new URL(response.url);
  const hint = meanings[response.status];
  const message = `The registry ${host} answers with status ${response.status} for \`${what}\`, expected 200.`;
  return environmentError(message, { evidence, ...(hint && { hint }) });
}

type TokenOptions = Required<Pick<RegistryOptions, "signal" | "silenceMs">>;

/** Waits for the beginning of an answer; a long body is its reader's to watch. */
async function answer(
  url: URL,
  request: RegistryRequest & { signal: AbortSignal },
  silenceMs: number,
): Promise<Response> {
  const { signal, body } = request;
  // What is sent takes its time before anything can be answered.
  const within = body instanceof Blob ? timeouts.imageBuild : silenceMs;
  const limit = deadline(within, signal);
  try {
    return await untilAborted(limit, () => fetch(url, request));
  } catch (cause) {
    if (signal.aborted) throw interruptedError(`Interrupted while asking ${url.host}.`, { cause });
    if (limit.aborted) {
      const name = body instanceof Blob ? "imageBuild" : "downloadSilence";
      throw environmentError(`The registry ${url.host} did not answer within ${within / 1000} s (\`${name}\`).`, {
        cause,
      });
    }
    const hint =
      "without internet name a mirror (`mirror`), or fetch on another host with `scripts/vmesh artifacts --fetch`";
    throw environmentError(`The registry ${url.host} cannot be asked.`, { cause, hint });
  }
}

const challenge = z.object({ realm: z.url(), service: z.string().optional(), scope: z.string().optional() });
const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** An anonymous token by the way that the registry names; undefined where it names none. */
async function tokenFor(response: Response, options: TokenOptions): Promise<string | undefined> {
  const header = response.headers.get("www-authenticate") ?? "";
  if (!/^bearer /i.test(header)) return undefined;
  const fields = Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]),
  );
  const wanted = challenge.safeParse(fields);
  if (!wanted.success) return undefined;
  const { realm, ...parameters } = wanted.data;
  const url = new URL(realm);
  for (const [key, value] of Object.entries(parameters)) if (value) url.searchParams.set(key, value);
  const given = await answer(url, { signal: options.signal }, options.silenceMs);
  if (given.status !== 200) return undefined;
  const { token, access_token } = tokenAnswer.parse(await given.json());
  return token ?? access_token;
}
