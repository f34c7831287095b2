import { environmentError } from "../../../lib/errors.ts";
import type { Kube } from "../../../lib/kube.ts";

const namespace = "istio-system";
const name = "kiali";

/** How a user gets at Kiali. */
export interface KialiAccess {
  /** Of every node, on the port named `http`. */
  nodePort: number;
  /** Where the login token comes from. */
  tokenFrom: "secret" | "token request";
}

/**
 * Finds the node port of Kiali by its name, and a login token for its ServiceAccount, which is thrown away again. The
 * guide reads the token's Secret from the account's `secrets[0]`; since Kubernetes 1.24 there is none, and a token is
 * requested. Throws an environment error that names what is missing.
 */
export async function findKiali(kube: Kube): Promise<KialiAccess> {
  const nodePort = await httpNodePort(kube);
  const account = await kube.get({ apiVersion: "v1", kind: "ServiceAccount", name, namespace });
  if (!account) throw environmentError(`There is no ServiceAccount \`${namespace}/${name}\` to log in to Kiali with.`);
  const [secret] = (account["secrets"] ?? []) as { name: string }[];
  const token = secret ? await tokenOfSecret(kube, secret.name) : await kube.token(namespace, name, []);
  demandTokenOf(token, `system:serviceaccount:${namespace}:${name}`);
  return { nodePort, tokenFrom: secret ? "secret" : "token request" };
}

async function httpNodePort(kube: Kube): Promise<number> {
  const service = await kube.get({ apiVersion: "v1", kind: "Service", name, namespace });
  if (!service)
    throw environmentError(`The application \`istio\` is applied without Service \`${namespace}/${name}\`.`);
  type Spec = { type?: string; ports?: { name?: string; nodePort?: number }[] };
  const { type, ports = [] } = (service["spec"] ?? {}) as Spec;
  const nodePort = ports.find((port) => port.name === "http")?.nodePort;
  if (nodePort !== undefined) return nodePort;
  throw environmentError(`Service \`${namespace}/${name}\` has no node port on a port named \`http\`.`, {
    evidence: `type ${type ?? "unknown"}, ports: ${JSON.stringify(ports)}`,
  });
}

async function tokenOfSecret(kube: Kube, secretName: string): Promise<string> {
  const secret = await kube.get({ apiVersion: "v1", kind: "Secret", name: secretName, namespace });
  const { token = "" } = (secret?.["data"] ?? {}) as { token?: string };
  return Buffer.from(token, "base64").toString();
}

/** The error never shows the token. */
function demandTokenOf(token: string, subject: string): void {
  const claims = token.split(".")[1] ?? "";
  let found: unknown;
  try {
    found = (JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub?: unknown }).sub;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    found = "nobody, it is no web token";
  }
  if (found !== subject)
    throw environmentError(`The login token for Kiali is for \`${found}\`, expected \`${subject}\`.`);
}
