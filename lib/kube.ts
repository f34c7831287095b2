import type { CommandResult } from "./command.ts";
import { environmentError } from "./errors.ts";
import { type ConsoleTarget, openConsole, type SerialConsole } from "./kube/console.ts";
import { createDiscovery } from "./kube/discovery.ts";
import { execInPod } from "./kube/exec.ts";
import { createTransport } from "./kube/transport.ts";
import type { Answer, Request } from "./kube/transport.ts";
import { timeouts } from "./timeouts.ts";
import { eventually } from "./wait.ts";

/** Any object of the API, as plain JSON. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    [key: string]: unknown;
  };
  [key: string]: unknown;
};

export interface ObjectRef {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface ListQuery {
  apiVersion: string;
  kind: string;
  /** All namespaces when not given. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  signal?: AbortSignal | undefined;
}

/** One thing that RBAC may allow. */
export interface Right {
  verb: string;
  group: string;
  /** `pods`, or with a subresource `pods/exec`. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
}

export interface ContainerRef {
  namespace: string;
  pod: string;
  container: string;
}

export interface ExecTarget extends ContainerRef {
  command: readonly string[];
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface LogQuery extends ContainerRef {
  sinceSeconds?: number;
  /** RFC 3339. */
  sinceTime?: string;
  tailLines?: number;
  /** Cuts the log after this many bytes, the newest are lost. */
  limitBytes?: number;
  /** Begin each line with the node's time, RFC 3339 with nanoseconds. */
  timestamps?: boolean;
  /** The log of the container before its last restart. */
  previous?: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * What vmesh asks of a Kubernetes API. Every request has a deadline and is repeated while the server cannot be
 * reached; an error is an environment error with the method, the object and the API's own message.
 */
export interface Kube {
  /** Server-side apply in the order given, forced, as field manager `vmesh`. Waits until applied CRDs are served. */
  apply(
    objects: readonly KubeObject[],
    options?: { namespace?: string; signal?: AbortSignal | undefined },
  ): Promise<void>;
  /** The object, or `undefined` if there is none of this name. */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  list(query: ListQuery): Promise<KubeObject[]>;
  /** Whether the API has the kind, now: of a CRD that was deleted it may be told for as long as this client lives. */
  serves(apiVersion: string, kind: string): Promise<boolean>;
  /** Deletes in the background; that it is gone already is fine. With `waitMs` returns once it is gone: a Secret is with the answer, and not read for it. */
  remove(ref: ObjectRef, options?: { waitMs?: number; signal?: AbortSignal | undefined }): Promise<void>;
  /** JSON merge patch of the object, or of its status; returns the object as it is then. */
  patch(ref: ObjectRef, mergePatch: object, part?: "status"): Promise<KubeObject>;
  /** Runs a command in a container. A non-zero exit code is a result, not an error. */
  exec(target: ExecTarget): Promise<CommandResult>;
  logs(target: LogQuery): Promise<string>;
  /** Opens the serial console of a VMI; the caller closes it. */
  console(target: ConsoleTarget): Promise<SerialConsole>;
  /** A token of a ServiceAccount, valid for an hour: for istiod's CA, or for others, the API server with an empty list. */
  token(namespace: string, serviceAccount: string, audiences?: readonly string[]): Promise<string>;
  /** Whether this client's user may do that, in all namespaces if none is given. */
  mayI(right: Right): Promise<boolean>;
  /** GET on the API server: `/readyz`, `/version`, a proxy path; `accept` asks for another form of the answer. */
  raw(path: string, options?: { accept?: string; signal?: AbortSignal | undefined }): Promise<string>;
  /** As `raw`; `undefined` where the answer is 404. */
  rawOrNone(path: string, options?: { signal?: AbortSignal | undefined }): Promise<string | undefined>;
}

/**
 * A client for the cluster and user of a kubeconfig file's current context. Connects on first use, and asks a server
 * that cannot be reached again for `reconnectMs`.
 */
export function connect(kubeconfigPath: string, { reconnectMs }: { reconnectMs?: number } = {}): Kube {
  const transport = createTransport(kubeconfigPath, reconnectMs);
  const discovery = createDiscovery((path) => transport.send({ method: "GET", path, subject: path }));

  const request = async (details: Request): Promise<string> => accepted(details, await transport.send(details));
  const pathOf = async (ref: ObjectRef) => discovery.path(ref.apiVersion, ref.kind, ref.namespace, ref.name);

  const get = async (ref: ObjectRef): Promise<KubeObject | undefined> => {
    const details = { method: "GET", path: await pathOf(ref), subject: describeRef(ref) };
    const answer = await transport.send(details);
    return answer.status === 404 ? undefined : parseObject(accepted(details, answer));
  };

  const applyOne = async (object: KubeObject, fallback: string | undefined, signal: AbortSignal | undefined) => {
    const { apiVersion, namespaced } = await discovery.resource(object.apiVersion, object.kind);
    const namespace = namespaced ? (object.metadata.namespace ?? fallback) : undefined;
    const body = { ...object, apiVersion, metadata: { ...object.metadata, ...(namespace && { namespace }) } };
    const ref = refOf(body);
    await request({
      method: "PATCH",
      path: `${await pathOf(ref)}?fieldManager=vmesh&force=true`,
      subject: describeRef(ref),
      contentType: "application/apply-patch+yaml",
      body,
      signal,
    });
    if (object.kind !== "CustomResourceDefinition") return;
    for (const { apiVersion, kind } of servedKinds(object)) {
      const what = `the API serves \`${kind}\` of \`${apiVersion}\``;
      const options = { what, budgetMs: timeouts.kindServed, intervalMs: 200, signal };
      await eventually(options, () => discovery.resource(apiVersion, kind));
    }
  };

  return {
    get,
    async apply(objects, { namespace, signal } = {}) {
      for (const object of objects) await applyOne(object, namespace, signal);
    },
    async list(query) {
      const path = await discovery.path(query.apiVersion, query.kind, query.namespace);
      const subject = `${query.kind} in ${query.namespace ?? "all namespaces"}`;
      const selectors = search({ labelSelector: query.labelSelector, fieldSelector: query.fieldSelector });
      const { signal } = query;
      const text = await request({ method: "GET", path: `${path}${selectors}`, subject, signal });
      const { items } = JSON.parse(text) as { items: KubeObject[] };
      return items.map((item) => ({ ...item, apiVersion: query.apiVersion, kind: query.kind }));
    },
    serves: discovery.serves,
    async remove(ref, { waitMs: given, signal } = {}) {
      // So that whoever removes one needs no right to read it.
      const waitMs = ref.kind === "Secret" ? undefined : given;
      const doomed = waitMs === undefined ? undefined : await get(ref);
      const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background" };
      const details = { method: "DELETE", path: await pathOf(ref), subject: describeRef(ref), body, signal };
      const answer = await transport.send(details);
      if (answer.status === 404) return;
      accepted(details, answer);
      if (waitMs === undefined) return;
      await eventually({ what: `${describeRef(ref)} is gone`, budgetMs: waitMs, signal }, async () => {
        const left = await get(ref);
        if (left && left.metadata.uid === doomed?.metadata.uid) throw new Error(whyStillThere(left));
      });
    },
    async patch(ref, mergePatch, part) {
      const path = `${await pathOf(ref)}${part ? `/${part}` : ""}?fieldManager=vmesh`;
      const contentType = "application/merge-patch+json";
      return parseObject(
        await request({ method: "PATCH", path, subject: describeRef(ref), contentType, body: mergePatch }),
      );
    },
    exec: (target) => execInPod(transport, target),
    async logs({ namespace, pod, container, signal, ...limits }) {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log${search({ container, ...limits })}`;
      const subject = `log of container \`${container}\` of Pod ${namespace}/${pod}`;
      return request({ method: "GET", path, subject, signal });
    },
    async token(namespace, serviceAccount, audiences = ["istio-ca"]) {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
      const spec = { audiences, expirationSeconds: 3_600 };
      const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec };
      const subject = `token of ServiceAccount ${namespace}/${serviceAccount}`;
      const answer = JSON.parse(
        await request({ method: "POST", path, subject, contentType: "application/json", body }),
      );
      return (answer as { status: { token: string } }).status.token;
    },
    console: (target) => openConsole(transport, target),
    async mayI({ resource: whole, ...attributes }) {
      const [resource, subresource] = whole.split("/");
      const spec = { resourceAttributes: { ...attributes, resource, subresource } };
      const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
      const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
      const answer = JSON.parse(await request({ method: "POST", path, subject: `review of ${whole}`, body }));
      return (answer as { status: { allowed: boolean } }).status.allowed;
    },
    raw: (path, { accept, signal } = {}) =>
      request({ method: "GET", path, subject: path, signal, ...(accept !== undefined && { accept }) }),
    async rawOrNone(path, { signal } = {}) {
      const details = { method: "GET", path, subject: path, signal };
      const answer = await transport.send(details);
      return answer.status === 404 ? undefined : accepted(details, answer);
    },
  };
}

/** The one place where an answer that is not a success becomes an error. */
export function accepted({ method, subject }: Request, { status, body }: Answer): string {
  if (status >= 200 && status < 300) return body;
  throw environmentError(`${method} ${subject}: the API answered ${status}, ${apiMessage(body)}`);
}

/** What identifies the object among all of its cluster. */
export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace && { namespace }) };
}

/** `Pod echo/server`, or `Namespace echo` for what has no namespace. */
export function describeRef({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}

/** API versions and kind that a CustomResourceDefinition promises. */
export function servedKinds(definition: KubeObject): { apiVersion: string; kind: string }[] {
  const { group, names, versions } = definition["spec"] as {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean }[];
  };
  return versions
    .filter((version) => version.served)
    .map((version) => ({ apiVersion: `${group}/${version.name}`, kind: names.kind }));
}

function apiMessage(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === "string" && message) return message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return body.slice(0, 500).trim() || "without a message";
}

function whyStillThere({ metadata }: KubeObject): string {
  const finalizers = Array.isArray(metadata["finalizers"]) ? metadata["finalizers"].join(", ") : "";
  const since = metadata.deletionTimestamp ? `is being deleted since ${metadata.deletionTimestamp}` : "is there";
  return finalizers ? `it ${since}, held by ${finalizers}` : `it ${since}`;
}

function search(parameters: Record<string, string | number | boolean | undefined>): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined) given.set(key, `${value}`);
  return given.size > 0 ? `?${given}` : "";
}

function parseObject(text: string): KubeObject {
  return JSON.parse(text) as KubeObject;
}
