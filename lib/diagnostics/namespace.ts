import type { Kube, KubeObject } from "../kube.ts";
import { podProxy } from "../proxy.ts";
import { scaled, timeouts } from "../timeouts.ts";
import type { Bundle } from "./bundle.ts";
import { describeObject } from "./describe.ts";
import { containersOf, describeEvent, describePod } from "./lines.ts";
import { collectPacketRules } from "./packet-rules.ts";
import { collectProxy } from "./proxy.ts";
import { shownGuest, shownKinds, shownPod, type ShownKind } from "./shown-fields.ts";
import { readsSecrets, secretsIn, userDataOf } from "./user-data.ts";

/** What collectors ask a cluster with. */
export interface ClusterScene {
  kube: Kube;
  timeScale: number;
}

/** A namespace as it was when the collecting began; lists that could not be had are missing. */
interface SeenNamespace {
  name: string;
  pods: readonly KubeObject[] | undefined;
  guests: readonly KubeObject[] | undefined;
}

/** Lines of a container's log. */
const tailLines = 300;
/** Bytes of a log that are read. */
const limitBytes = 1_000_000;

/** Collects of these namespaces, and `more`, if the API server answers; else each question would wait for it. */
export async function collectNamespaces(
  bundle: Bundle,
  scene: ClusterScene,
  namespaces: readonly string[],
  more: () => Promise<void> = async () => {},
): Promise<void> {
  const ready = (signal: AbortSignal) => scene.kube.raw("/readyz", { signal });
  const limitMs = scaled(timeouts.apiAnswer, scene.timeScale);
  const what = "nothing is asked of the API server, which does not answer";
  if ((await bundle.collect(what, ready, limitMs)) === undefined) return;
  const seen = await Promise.all(namespaces.map((name) => lookAt(bundle, scene, name)));
  await Promise.all([...seen.map((one) => collectNamespace(bundle, scene, one)), more()]);
}

/** Lists pods and VMIs, and hides from the bundle what its guests were told in confidence: before anything is written. */
async function lookAt(bundle: Bundle, { kube }: ClusterScene, name: string): Promise<SeenNamespace> {
  const list = ({ apiVersion, kind }: ShownKind) =>
    bundle.collect(`${kind} objects of ${name}`, (signal) => kube.list({ apiVersion, kind, namespace: name, signal }));
  const [pods, guests] = await Promise.all([list(shownPod), list(shownGuest)]);
  const learned = await bundle.collect(`user-data of the guests of ${name}`, async () => {
    bundle.hide((guests ?? []).flatMap(userDataOf).flatMap(secretsIn));
    return guests;
  });
  return { name, pods, guests: learned };
}

/** Writes of a namespace events, descriptions, logs, and what its proxies say. */
async function collectNamespace(bundle: Bundle, scene: ClusterScene, seen: SeenNamespace): Promise<void> {
  await Promise.all([
    collectEvents(bundle, scene, seen.name),
    collectObjects(bundle, scene, seen),
    ...(seen.pods ?? []).map((pod) => collectPod(bundle, scene, seen, pod)),
  ]);
}

function collectEvents(bundle: Bundle, { kube }: ClusterScene, namespace: string) {
  return bundle.collect(`events of ${namespace}`, async (signal) => {
    const events = await kube.list({ apiVersion: "v1", kind: "Event", namespace, signal });
    const lines = events.map(describeEvent).toSorted();
    await bundle.write(`${namespace}/events.txt`, lines.map((line) => `${line}\n`).join(""));
  });
}

async function collectObjects(bundle: Bundle, { kube }: ClusterScene, { name, pods, guests }: SeenNamespace) {
  const described = ({ kind, shown }: ShownKind, objects: readonly KubeObject[] | undefined) =>
    bundle.collect(`descriptions of ${kind} objects of ${name}`, async () =>
      (objects ?? []).map((object) => describeObject(object, shown)),
    );
  const listed = shownKinds.map(async (shown) => {
    const { apiVersion, kind } = shown;
    const query = { apiVersion, kind, namespace: name };
    return described(
      shown,
      await bundle.collect(`${kind} objects of ${name}`, (signal) => kube.list({ ...query, signal })),
    );
  });
  await bundle.collect(`pods of ${name}`, () =>
    bundle.write(`${name}/pods.txt`, (pods ?? []).map((pod) => `${describePod(pod)}\n`).join("")),
  );
  const parts = await Promise.all([described(shownPod, pods), described(shownGuest, guests), ...listed]);
  await bundle.write(`${name}/objects.txt`, parts.flatMap((part) => part ?? []).join("\n"), "first");
}

async function collectPod(bundle: Bundle, scene: ClusterScene, seen: SeenNamespace, pod: KubeObject): Promise<void> {
  const { kube, timeScale } = scene;
  const { name } = pod.metadata;
  const where = `${seen.name}/${name}`;
  const containers = (await bundle.collect(`containers of ${where}`, async () => containersOf(pod))) ?? [];
  const log = (container: string, previous: boolean) =>
    bundle.collect(`${previous ? "previous log" : "log"} of ${where}, container ${container}`, async (signal) => {
      const query = { namespace: seen.name, pod: name, container, tailLines, limitBytes, signal };
      const text = await kube.logs({ ...query, ...(previous && { previous }) });
      await bundle.write(`${where}/${container}${previous ? ".previous" : ""}.log`, text);
    });
  const logs = containers.flatMap((container) => {
    if (container.name === "guest-console-log") {
      const reason = whyUnmasked(seen.guests, pod);
      if (reason !== undefined) {
        bundle.problem(`serial console of ${where}: left out, as ${reason}`);
        return [];
      }
    }
    return [log(container.name, false), ...(container.restarts > 0 ? [log(container.name, true)] : [])];
  });
  const running = (wanted: string) => containers.some((one) => one.name === wanted && one.state === "running");
  const proxy = running("istio-proxy")
    ? [collectProxy(bundle, where, (signal) => podProxy(pod, { kube, timeScale, signal }))]
    : [];
  const hosts = ["istio-proxy", "compute"].filter(running);
  const rules = hosts.length > 0 ? [collectPacketRules(bundle, scene, pod, hosts)] : [];
  await Promise.all([...logs, ...proxy, ...rules]);
}

/** Why a guest's console may show what cannot be masked; `undefined` if all that the guest was told is known. */
function whyUnmasked(guests: readonly KubeObject[] | undefined, launcher: KubeObject): string | undefined {
  const { labels = {}, annotations = {} } = launcher.metadata;
  const names = [labels["vm.kubevirt.io/name"], annotations["kubevirt.io/domain"]];
  const guest = guests?.find(({ metadata }) => names.includes(metadata.name));
  if (!guest) return "its VMI, and so the user-data that a guest may print, is not known";
  return readsSecrets(guest) ? "its guest reads Secrets, which are never read here to be masked" : undefined;
}
