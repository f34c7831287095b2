import { z } from "zod";
import { environmentError } from "../../../lib/errors.ts";
import { type Kube, refOf } from "../../../lib/kube.ts";
import { cniAttachment } from "../../../lib/mesh.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { servesAttachments } from "../multus.ts";

const INJECTION = "istio-injection";
/** On the namespace of the application: what there was before vmesh came. */
const BEFORE = "vmesh.dev/starlingx-before";

const beforeSchema = z.strictObject({
  application: z.enum(["missing", "uploaded", "applied"]),
  namespace: z.boolean(),
  /** The value of the label `istio-injection`. */
  injection: z.string().nullable(),
  attachment: z.boolean(),
});
export type Before = z.infer<typeof beforeSchema>;

const namespaceRef = (name: string) => ({ apiVersion: "v1", kind: "Namespace", name });
const attachmentRef = (namespace: string) => refOf(cniAttachment(namespace));

/**
 * What was there before vmesh came, noted on the namespace so that any process can go back to it. A note that is there
 * already stands: it is older than what a run that was cut short has left.
 */
export async function noteBefore(
  kube: Kube,
  namespace: string,
  application: Before["application"],
  signal: AbortSignal,
): Promise<Before> {
  const noted = await readBefore(kube, namespace);
  if (noted) return noted;
  const found = await kube.get(namespaceRef(namespace));
  const before = {
    application,
    namespace: found !== undefined,
    injection: found?.metadata.labels?.[INJECTION] ?? null,
    attachment: (await servesAttachments(kube)) && (await kube.get(attachmentRef(namespace))) !== undefined,
  };
  const metadata = { name: namespace, annotations: { [BEFORE]: JSON.stringify(before) } };
  if (found) await kube.patch(namespaceRef(namespace), { metadata });
  else await kube.apply([{ apiVersion: "v1", kind: "Namespace", metadata }], { signal });
  return before;
}

/** The note of `noteBefore`, if there is one. Throws an environment error if it is not vmesh's. */
export async function readBefore(kube: Kube, namespace: string): Promise<Before | undefined> {
  const found = await kube.get(namespaceRef(namespace));
  const text = found?.metadata.annotations?.[BEFORE];
  if (text === undefined) return undefined;
  const result = beforeSchema.safeParse(parsed(text));
  if (result.success) return result.data;
  throw environmentError(`The annotation \`${BEFORE}\` of namespace \`${namespace}\` is not what vmesh writes.`, {
    evidence: text,
    hint: "remove it if nothing of vmesh's is on the cluster",
  });
}

/**
 * Lets pods of the namespace join the mesh: the definition by which Multus calls Istio's CNI plugin, in the namespace
 * itself and not in whichever is current, and the label by which pods get a proxy.
 */
export async function enrol(kube: Kube, namespace: string, signal: AbortSignal): Promise<void> {
  await kube.apply([cniAttachment(namespace)], { signal });
  await kube.patch(namespaceRef(namespace), { metadata: { labels: { [INJECTION]: "enabled" } } });
}

/** Takes the enrolment back, and the namespace if vmesh made it, and then the note. */
export async function withdrawEnrolment(kube: Kube, namespace: string, before: Before): Promise<void> {
  if (!before.namespace) {
    await kube.remove(namespaceRef(namespace), { waitMs: timeouts.objectGone });
    return;
  }
  if (!before.attachment) await kube.remove(attachmentRef(namespace), { waitMs: timeouts.objectGone });
  const metadata = { labels: { [INJECTION]: before.injection }, annotations: { [BEFORE]: null } };
  await kube.patch(namespaceRef(namespace), { metadata });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
