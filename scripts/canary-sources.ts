import { ownSecrets } from "../lib/diagnostics/own-secrets.ts";
import { secretsIn, userDataOf } from "../lib/diagnostics/user-data.ts";
import type { Environment } from "../lib/environment.ts";
import type { Kube, KubeObject } from "../lib/kube.ts";
import { containersOf } from "../lib/diagnostics/lines.ts";
import { type MachineAccess, machineAt } from "../lib/machine.ts";
import { scaled, timeouts } from "../lib/timeouts.ts";
import { type Canary, shortestCanary } from "./canary-search.ts";

/** Where real secrets are taken from. */
export interface CanaryScene {
  kube: Kube;
  environment: Environment;
  signal: AbortSignal;
}

/** Every kind of place that holds secrets, with those of at least 16 characters that are in it now. */
export async function realSecrets(scene: CanaryScene): Promise<Record<string, Canary[]>> {
  const { kube, environment } = scene;
  const secrets = await kube.list({ apiVersion: "v1", kind: "Secret" });
  const pods = await kube.list({ apiVersion: "v1", kind: "Pod" });
  const guests =
    environment.capabilities.kubevirt === true
      ? await kube.list({ apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance" })
      : [];
  const own = (await ownSecrets(environment)).map((value) => ({ name: "kubeconfig, or key of a machine", value }));
  const machines = await Promise.all(Object.values(environment.machines).map((access) => onMachine(access, scene)));
  const found = {
    "values of Secrets": secrets.flatMap(inSecret),
    "tokens of pods": await tokensOf(pods, scene),
    "what the harness gets in with": own,
    "user-data": guests.flatMap(inUserData),
    "files on machines": machines.flat(),
  };
  const isLong = ({ value }: Canary) => value.trim().length >= shortestCanary;
  return Object.fromEntries(Object.entries(found).map(([place, all]) => [place, all.filter(isLong)]));
}

/** The values of a Secret that are secret: no certificates, and of tokens nothing of what stands beside them. */
export function inSecret(secret: KubeObject): Canary[] {
  const { data = {}, type } = secret as { data?: Record<string, string>; type?: string };
  const { namespace, name } = secret.metadata;
  const values = Object.entries(data).map(
    ([key, encoded]) => [key, Buffer.from(encoded, "base64").toString()] as const,
  );
  const isChosen = {
    "bootstrap.kubernetes.io/token": (key: string) => key === "token-secret",
    "kubernetes.io/service-account-token": (key: string) => key === "token",
  }[type ?? ""];
  return values
    .filter(([key, value]) => isChosen?.(key) ?? !isCertificate(value))
    .map(([key, value]) => ({ name: `Secret ${namespace}/${name}, ${key}`, value }));
}

function isCertificate(value: string): boolean {
  return value.includes("-----BEGIN CERTIFICATE-----") && !value.includes("PRIVATE KEY");
}

/** Where the kubelet puts the tokens of a pod's account: for the API server, and for istiod. */
const tokenFiles = [
  { path: "/var/run/secrets/kubernetes.io/serviceaccount/token", isIn: () => true },
  { path: "/var/run/secrets/tokens/istio-token", isIn: (container: string) => container === "istio-proxy" },
];

/** Of images without `cat` no token can be read; other pods of the account may have one. */
async function tokensOf(pods: readonly KubeObject[], { kube, environment, signal }: CanaryScene): Promise<Canary[]> {
  const tokens: Canary[] = [];
  const timeoutMs = scaled(timeouts.exec, environment.timeScale);
  for (const pod of pods) {
    const { namespace = "", name } = pod.metadata;
    for (const { name: container } of containersOf(pod).filter(({ state }) => state === "running")) {
      for (const { path } of tokenFiles.filter(({ isIn }) => isIn(container))) {
        const target = { namespace, pod: name, container, timeoutMs, signal };
        const read = await kube.exec({ ...target, command: ["cat", path] }).catch(() => undefined);
        if (read?.exitCode === 0)
          tokens.push({ name: `token of pod ${namespace}/${name}, ${path}`, value: read.stdout });
        signal.throwIfAborted();
      }
    }
  }
  return tokens;
}

function inUserData(guest: KubeObject): Canary[] {
  const { namespace, name } = guest.metadata;
  return userDataOf(guest)
    .flatMap(secretsIn)
    .map((value) => ({ name: `user-data of VMI ${namespace}/${name}`, value }));
}

/** Prints path and content in base64 of what a machine of the mesh holds in confidence, a line each. */
const readFiles = `find /etc/certs /var/run/secrets /etc/ssh -type f -size -64k ! -name '*.pub' 2>/dev/null |
while read -r file; do printf '%s %s\\n' "$file" "$(base64 --wrap 0 "$file")"; done`;

async function onMachine(access: MachineAccess, { signal }: CanaryScene): Promise<Canary[]> {
  const { stdout } = await machineAt(access).sh(readFiles, { signal });
  return inMachineFiles(access.name, stdout);
}

/** Of the files that a machine printed those that are secret: keys and tokens, no certificates and no settings. */
export function inMachineFiles(machine: string, printed: string): Canary[] {
  return printed.split("\n").flatMap((line) => {
    const [path = "", encoded = ""] = line.split(" ");
    const value = Buffer.from(encoded, "base64").toString();
    const isSecret = value.includes("PRIVATE KEY") || /^eyJ[\w-]+\.[\w-]+\.[\w-]+\s*$/.test(value);
    return isSecret ? [{ name: `${path} on machine ${machine}`, value }] : [];
  });
}
