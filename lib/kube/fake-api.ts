import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { ContainerRef, KubeObject } from "../kube.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** What the server has. */
export interface FakeCluster {
  objects: KubeObject[];
  /** What comes of an object that is applied: further objects. */
  onApply?(object: KubeObject): KubeObject[];
  /** Kinds beyond those that every fake serves: API version to kind to plural. */
  kinds?: Record<string, Record<string, string>>;
  /** Whether its user has a right; every one if not given. */
  allows?(right: { verb: string; group: string; resource: string; subresource?: string }): boolean;
  /** `false` for a server that says that it is not ready. */
  ready?: boolean;
  /** The log of a container; `undefined` is an error of the server's. */
  log?(container: ContainerRef & { previous: boolean }): string | undefined;
  /** What a command in a container prints; `undefined` if there is no such program. */
  exec?(container: ContainerRef, command: readonly string[]): { stdout?: string; stderr?: string } | undefined;
}

export interface FakeApi {
  /** Path of a kubeconfig for it. */
  kubeconfig: string;
  /** Method and path of every request, in order. */
  requests: string[];
  /** Everything that it said. */
  answers: string[];
}

/** Kinds that it serves: `v1` to kind to plural. */
const served: Record<string, Record<string, string>> = {
  v1: {
    Pod: "pods",
    Event: "events",
    Service: "services",
    Secret: "secrets",
    ServiceAccount: "serviceaccounts",
    Namespace: "namespaces",
    Node: "nodes",
    ConfigMap: "configmaps",
  },
  "kubevirt.io/v1": { VirtualMachineInstance: "virtualmachineinstances" },
  "security.istio.io/v1": { AuthorizationPolicy: "authorizationpolicies" },
};

const clusterScoped = ["Namespace", "Node", "MutatingWebhookConfiguration", "ServiceCIDR"];

/**
 * A server that speaks the Kubernetes API over HTTP and WebSocket, for the test under way: real requests to canned
 * objects. What is applied is there from then on, and gone once it is deleted.
 */
export async function fakeApi(cluster: FakeCluster, user: object = { token: "a-token-of-the-test" }): Promise<FakeApi> {
  const requests: string[] = [];
  const answers: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(cluster, request).then(
      ({ status, body }) => {
        answers.push(typeof body === "string" ? body : JSON.stringify(body));
        response.writeHead(status).end(answers.at(-1));
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => "v4.channel.k8s.io" });
  sockets.on("connection", (socket, request) => {
    requests.push(`EXEC ${request.url}`);
    const { container, query } = target(request);
    const printed = cluster.exec?.(container, query.getAll("command"));
    const missing = { status: "Failure", reason: "InternalError", message: "executable file not found in $PATH" };
    const send = (channel: number, part: string) => {
      answers.push(part);
      socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(part)]));
    };
    if (printed?.stdout) send(1, printed.stdout);
    if (printed?.stderr) send(2, printed.stderr);
    const failed = { status: "Failure", details: { causes: [{ reason: "ExitCode", message: "1" }] } };
    send(3, JSON.stringify(printed ? (printed.stderr ? failed : { status: "Success" }) : missing));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const kubeconfig = join(await temporaryFolder(), "kubeconfig");
  const { port } = server.address() as AddressInfo;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    // Without the setting the client refuses HTTP.
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  return { kubeconfig, requests, answers };
}

type Answer = { status: number; body: object | string };
const notFound: Answer = { status: 404, body: { kind: "Status", message: "not found" } };

async function answer(cluster: FakeCluster, request: IncomingMessage): Promise<Answer> {
  const { path, query, container } = target(request);
  if (path === "/version") return { status: 200, body: { gitVersion: "v1.34.0" } };
  if (path === "/readyz") return cluster.ready === false ? { status: 500, body: "" } : { status: 200, body: "ok" };
  const [, version = "", rest = ""] = /^\/apis?\/(v1|[^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
  const kinds = Object.entries({ ...served[version], ...cluster.kinds?.[version] });
  if (rest === "") {
    const resources = kinds.map(([kind, name]) => ({ name, kind, namespaced: !clusterScoped.includes(kind) }));
    return kinds.length > 0 ? { status: 200, body: { resources } } : notFound;
  }
  if (rest === "/selfsubjectaccessreviews") {
    const { spec } = JSON.parse(await text(request));
    return { status: 201, body: { status: { allowed: cluster.allows?.(spec.resourceAttributes) ?? true } } };
  }
  if (rest.endsWith("/log")) {
    const log = cluster.log?.({ ...container, previous: query.get("previous") === "true" });
    return log === undefined
      ? { status: 400, body: { message: "the container is waiting to start" } }
      : { status: 200, body: log };
  }
  const [, namespace, plural, name] = /^(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(rest) ?? [];
  const kind = kinds.find(([, each]) => each === plural)?.[0];
  const labels = (query.get("labelSelector") ?? "").split(",").filter(Boolean);
  const isMeant = (object: KubeObject) =>
    labels.every((label) => {
      const [key = "", value] = label.split("=");
      return object.metadata.labels?.[key] === value;
    }) &&
    object.apiVersion === version &&
    object.kind === kind &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name);
  if (request.method === "PATCH") {
    const object = JSON.parse(await text(request)) as KubeObject;
    cluster.objects.push(object, ...(cluster.onApply?.(object) ?? []));
    if (kind === "Namespace" && name) cluster.objects.push(defaultAccount(name));
    return { status: 200, body: {} };
  }
  const found = cluster.objects.filter(isMeant);
  if (request.method === "DELETE")
    cluster.objects.splice(0, Infinity, ...cluster.objects.filter((one) => !isMeant(one)));
  if (name === undefined) return { status: 200, body: { items: found } };
  return found[0] ? { status: 200, body: found[0] } : notFound;
}

/** Every namespace gets one. */
function defaultAccount(namespace: string): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
}

function target({ url = "" }: IncomingMessage) {
  const { pathname: path, searchParams: query } = new URL(url, "http://localhost");
  const [, namespace = "", pod = ""] = /\/namespaces\/([^/]+)\/pods\/([^/]+)/.exec(path) ?? [];
  return { path, query, container: { namespace, pod, container: query.get("container") ?? "" } };
}
