import { environmentError } from "../../lib/errors.ts";

/** How istioctl is told its images: a registry and a tag for all, and where they are pinned, each as a whole. */
export interface IstioImages {
  hub: string;
  tag: string;
  /** An IstioOperator that goes on top; only where an image is referred to by digest. */
  overlay?: Record<string, unknown>;
}

/** From references of the parts `istio/…`. Throws an environment error if that of pilot is not HUB/pilot:TAG. */
export function istioImages(parts: Readonly<Record<string, string>>): IstioImages {
  const pilot = parts["istio/pilot"] ?? "";
  const { hub, tag } = /^(?<hub>.+)\/pilot:(?<tag>[\w.-]+)(@sha256:[0-9a-f]{64})?$/.exec(pilot)?.groups ?? {};
  if (!hub || !tag) {
    throw environmentError(`The image of \`istio/pilot\` is \`${pilot}\`, expected the form HUB/pilot:TAG.`);
  }
  const pinned = Object.entries(parts).some(([part, image]) => part.startsWith("istio/") && image.includes("@"));
  if (!pinned) return { hub, tag };
  // Istio takes an image's name as a whole where there is a slash in it.
  const image = (part: string, name: string) => ({ image: parts[part] ?? `${hub}/${name}:${tag}` });
  const proxy = image("istio/proxyv2", "proxyv2");
  const values = {
    pilot: image("istio/pilot", "pilot"),
    cni: image("istio/install-cni", "install-cni"),
    global: { proxy, proxy_init: proxy },
  };
  const names = { apiVersion: "install.istio.io/v1alpha1", kind: "IstioOperator", metadata: { name: "vmesh-images" } };
  return { hub, tag, overlay: { ...names, spec: { values } } };
}
