import { z } from "zod";
import type { Kube } from "./kube.ts";

const print = z.strictObject({
  uid: z.string(),
  /** Counts changes of what an object asks for, where its kind counts them. */
  generation: z.number().optional(),
  labels: z.record(z.string(), z.string()).default({}),
});

/** What tells an object of a cluster from a changed or another one, by kind, namespace and name. */
export const clusterPrint = z.record(z.string(), print);
export type ClusterPrint = z.infer<typeof clusterPrint>;

/** Changes all the time by itself, or is no object but a measurement. */
const noise = /^(events|leases|componentstatuses)$/;
const noisyGroups = /(^|\.)metrics\.k8s\.io$/;

const resourceList = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), verbs: z.array(z.string()).nullable().default([]) }),
  ),
});
const groupList = z.object({ groups: z.array(z.object({ preferredVersion: z.object({ groupVersion: z.string() }) })) });
const listedObject = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string().optional(),
    generation: z.number().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ controller: z.boolean().optional() })).default([]),
  }),
});
const metadataList = z.object({
  metadata: z.object({ continue: z.string().default("") }).prefault({}),
  // `null` where the API server has none of a kind.
  items: z.array(listedObject).nullable(),
});

/** Names, labels and the like alone, of Secrets, too: nothing that an object holds leaves the API server. */
const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/**
 * All objects of a cluster, of every kind that can be listed. Left out are events, leases, measurements, and what a
 * controller made of another object and makes anew when it is gone: pods of a Deployment, slices of a Service.
 */
export async function printCluster(kube: Kube, signal?: AbortSignal): Promise<ClusterPrint> {
  const { groups } = groupList.parse(JSON.parse(await kube.raw("/apis", { signal })));
  const versions = ["v1", ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
  const found: ClusterPrint = {};
  for (const version of versions.filter((one) => !noisyGroups.test(one.split("/")[0] ?? ""))) {
    const folder = version.includes("/") ? `/apis/${version}` : `/api/${version}`;
    const { resources } = resourceList.parse(JSON.parse(await kube.raw(folder, { signal })));
    const listed = resources.filter(({ name, verbs }) => verbs?.includes("list") && !noise.test(name));
    for (const { name, kind } of listed) {
      for (const { metadata } of await listAll(kube, `${folder}/${name}`, signal)) {
        if (metadata.ownerReferences.some(({ controller }) => controller)) continue;
        const { uid, generation, labels, namespace } = metadata;
        const place = namespace === undefined ? metadata.name : `${namespace}/${metadata.name}`;
        found[`${kind}.${version} ${place}`] = { uid, labels, ...(generation !== undefined && { generation }) };
      }
    }
  }
  return found;
}

async function listAll(kube: Kube, path: string, signal: AbortSignal | undefined) {
  const items: z.infer<typeof listedObject>[] = [];
  let next = "";
  do {
    const query = new URLSearchParams({ limit: "500", ...(next && { continue: next }) });
    const page = metadataList.parse(JSON.parse(await kube.raw(`${path}?${query}`, { accept, signal })));
    items.push(...(page.items ?? []));
    next = page.metadata.continue;
  } while (next !== "");
  return items;
}

/**
 * Objects that a check takes away and puts back as they were, by which they get another uid: without Istio's attachment
 * no VMI may start, and there is no other way to see that.
 */
export const putBackByChecks: readonly string[] = ["NetworkAttachmentDefinition.k8s.cni.cncf.io/v1 default/istio-cni"];

/** What came, went or changed from one print to another, a sentence each, in alphabetical order. */
export function differences(before: ClusterPrint, after: ClusterPrint): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].toSorted().flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (!old) return [`${name} is new`];
    if (!now) return [`${name} is gone`];
    const isPutBack = old.uid !== now.uid && putBackByChecks.includes(name);
    if (old.uid !== now.uid && !isPutBack) return [`${name} is another object of the same name`];
    const changes: string[] = [];
    if (old.generation !== now.generation && !isPutBack)
      changes.push(`generation ${old.generation} is now ${now.generation}`);
    const keys = new Set([...Object.keys(old.labels), ...Object.keys(now.labels)]);
    for (const key of [...keys].filter((one) => old.labels[one] !== now.labels[one]).toSorted()) {
      changes.push(`label ${key}=${old.labels[key] ?? "(none)"} is now ${now.labels[key] ?? "(none)"}`);
    }
    return changes.length > 0 ? [`${name}: ${changes.join(", ")}`] : [];
  });
}
