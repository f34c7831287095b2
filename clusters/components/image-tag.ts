import type { KubeObject } from "../../lib/kube.ts";

type Workload = { template?: { spec?: { containers?: { name: string; image?: string }[] } } };

/**
 * The tag of the image of a Deployment's or DaemonSet's container, the first one if none is named: what tells a version
 * where nothing else does. `unknown` where the image is referred to by digest alone, or is one that a lab built.
 */
export function imageTag(workload: KubeObject | undefined, container?: string): string {
  const { template } = (workload?.["spec"] ?? {}) as Workload;
  const containers = template?.spec?.containers ?? [];
  const image = containers.find(({ name }) => container === undefined || name === container)?.image ?? "";
  const tag = /:(?<tag>[^:/@]+)(@.*)?$/.exec(image.replace(/@sha256:.*$/, ""))?.groups?.["tag"];
  return tag === undefined || isContentKey(tag) ? "unknown" : tag;
}

/** Whether a tag is one of a lab's images, which tells what is in them but not which version that is. */
export function isContentKey(tag: string): boolean {
  return /^[0-9a-f]{16}$/.test(tag);
}
