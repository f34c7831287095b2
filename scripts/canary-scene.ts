import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { collectDiagnostics } from "../lib/diagnostics.ts";
import { environmentError } from "../lib/errors.ts";
import type { KubeObject } from "../lib/kube.ts";
import { type Machine, machineAt } from "../lib/machine.ts";
import { loadManifests } from "../lib/manifests.ts";
import { launcherOf } from "../lib/peers/vmi.ts";
import { scaled, timeouts } from "../lib/timeouts.ts";
import { eventually } from "../lib/wait.ts";
import type { Canary } from "./canary-search.ts";
import type { CanaryScene } from "./canary-sources.ts";

const base = fileURLToPath(new URL("../suites/base/vmi.yaml", import.meta.url));

/** A value that looks like no other, and one in the shape of a web token. */
const word = () => `canary${randomBytes(12).toString("hex")}`;
const webToken = () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ sub: word() })}.${randomBytes(48).toString("base64url")}`;
};

/**
 * Plants values where secrets live: in a Secret, in a pod's environment and annotations, in a guest's user-data, which
 * the guest prints on its console, and in the journal of the external VM. Collects the evidence that a red check there
 * would have into `folder`, does the work while all of it is there, and removes it. Throws if the guest does not print
 * its value: then its absence from the evidence would show nothing.
 */
export async function withPlanted<T>(
  scene: CanaryScene,
  folder: string,
  work: () => Promise<T>,
): Promise<{ planted: Canary[]; result: T }> {
  const { kube, environment, signal } = scene;
  const namespace = `vmesh-canary-${randomBytes(3).toString("hex")}`;
  const machine = environment.machines.vm && machineAt(environment.machines.vm);
  const plant = async () => {
    const values = await plantAll(scene, namespace, machine);
    const evidence = { kube, environment, namespaces: [namespace], machine, interrupt: signal };
    const { lost } = await collectDiagnostics(evidence, folder);
    if (lost !== undefined) throw environmentError(`The evidence is not whole, so a search proves nothing: ${lost}`);
    const planted = Object.entries(values).map(([place, value]) => ({ name: `planted: ${place}`, value }));
    return { planted, result: await work() };
  };
  const [done] = await Promise.allSettled([plant()]);
  // Should this fail, too, the first error is the one to read.
  const [removed] = await Promise.allSettled([kube.remove({ apiVersion: "v1", kind: "Namespace", name: namespace })]);
  if (done.status === "rejected") throw done.reason;
  if (removed.status === "rejected") throw removed.reason;
  return done.value;
}

async function plantAll(scene: CanaryScene, namespace: string, machine: Machine | undefined) {
  const { kube, environment, signal } = scene;
  const values = { secret: word(), variable: word(), annotation: word() };
  await kube.apply([namespaceObject(namespace, environment.clusterId)], { signal });
  const objects = [secretObject(values.secret), podObject(environment.images.workload, values)];
  // The API refuses pods until the namespace has its service account.
  const what = `namespace \`${namespace}\` takes pods`;
  const budgetMs = scaled(timeouts.namespaceReady, environment.timeScale);
  await eventually({ what, budgetMs, signal }, () => kube.apply(objects, { namespace, signal }));
  const guest =
    environment.capabilities.kubevirt === true ? { "user-data": word(), "user-data, a token": webToken() } : {};
  if (guest["user-data"]) {
    await kube.apply([await guestObject(environment.images.guest, Object.values(guest))], { namespace, signal });
    await printed(scene, namespace, guest["user-data"]);
  }
  const journal = machine ? { "journal of the machine": webToken() } : {};
  await machine?.sh(`logger --tag vmesh-canary ${Object.values(journal).join(" ")}`, { signal });
  return { ...values, ...guest, ...journal };
}

/** Waits until the guest's console shows the value, without which nothing would have to be masked. */
async function printed({ kube, environment, signal }: CanaryScene, namespace: string, value: string): Promise<void> {
  const budgetMs = scaled(timeouts.vmiReady + timeouts.guestConsole, environment.timeScale);
  await eventually({ what: "the guest has printed what was planted", budgetMs, signal }, async () => {
    const launcher = launcherOf("canary", await kube.list({ apiVersion: "v1", kind: "Pod", namespace, signal }));
    const container = { namespace, pod: launcher.metadata.name, container: "guest-console-log" };
    if (!(await kube.logs({ ...container, signal })).includes(value))
      throw new Error("its console does not show it yet");
  });
}

async function guestObject(image: string, values: readonly string[]): Promise<KubeObject> {
  const [vmi] = await loadManifests(base, {}, { name: "canary", "image.guest": image });
  if (!vmi) throw environmentError(`\`${base}\` holds no VMI.`);
  const lines = [
    "#!/bin/sh",
    ...values.map((value) => `echo planted ${value}`),
    "exec vmesh-echo serve --name canary --http 8080",
    "",
  ];
  const spec = vmi["spec"] as { volumes: { name: string }[] };
  const volumes = spec.volumes.map((volume) =>
    volume.name === "cloudinitdisk" ? { ...volume, cloudInitNoCloud: { userData: lines.join("\n") } } : volume,
  );
  // KubeVirt forwards no traffic to a guest whose proxy it does not know of, and neither would be Ready.
  const annotations = { ...vmi.metadata.annotations, "sidecar.istio.io/inject": "true" };
  return { ...vmi, metadata: { ...vmi.metadata, annotations }, spec: { ...spec, volumes } };
}

function namespaceObject(name: string, clusterId: string): KubeObject {
  const labels = { "vmesh.dev/cluster": clusterId, "istio-injection": "enabled" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function secretObject(value: string): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "canary" }, stringData: { value } };
}

function podObject(image: string, values: { variable: string; annotation: string }): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "canary", annotations: { "vmesh.dev/canary": values.annotation } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "echo",
          image,
          args: ["serve", "--name", "canary", "--http", "8080"],
          env: [{ name: "CANARY", value: values.variable }],
        },
      ],
    },
  };
}
