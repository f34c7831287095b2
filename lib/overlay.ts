import { join } from "node:path";
import { usageError } from "./errors.ts";
import type { KubeObject } from "./kube.ts";
import { loadManifests, type Parameters } from "./manifests.ts";

const annotation = "vmesh.dev/base";

/**
 * The object on top of the one it names as its base: `vmesh.dev/base: vmi` is `vmi.yaml` in the folder of bases, whose
 * `${name}` is the name of the object. The object is a JSON merge patch (RFC 7396) for the base: maps are merged,
 * lists and single values replaced, and `null` removes. An object without the annotation is returned as it is. Throws a usage error if the kinds differ.
 */
export async function onBase(object: KubeObject, folder: string, ambient: Parameters): Promise<KubeObject> {
  const { [annotation]: base, ...annotations } = object.metadata.annotations ?? {};
  if (base === undefined) return object;
  const { name } = object.metadata;
  const file = join(folder, `${base}.yaml`);
  const [below, ...more] = await loadManifests(file, {}, { ...ambient, name });
  if (!below || more.length > 0) throw usageError(`\`${file}\` holds ${more.length + 1} objects, expected one.`);
  if (below.kind !== object.kind) {
    throw usageError(`${object.kind} \`${name}\` stands on the base \`${base}\`, which is a ${below.kind}.`);
  }
  const above = { ...object, metadata: { ...object.metadata, annotations } };
  return merged(below, above) as KubeObject;
}

function merged(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const joint = Object.entries(above).map(([key, value]) => [key, merged(below[key], value)] as const);
  return Object.fromEntries(
    Object.entries({ ...below, ...Object.fromEntries(joint) }).filter(([, value]) => value !== null),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
