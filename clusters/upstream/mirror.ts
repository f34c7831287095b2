/**
 * Where a mirror has what a project publishes. The prefix takes the place of scheme and host of a download or a
 * git repository, and of an image's registry: under `mirror.example/up` the file `https://github.com/istio/…` is `https://mirror.example/up/istio/…`,
 * the image `quay.io/kubevirt/virt-api:v1` is `mirror.example/up/kubevirt/virt-api:v1`.
 */
export const mirrored = {
  /** Without a mirror the address as it is. A prefix without scheme means https. */
  url(url: string, mirror: string | undefined): string {
    if (mirror === undefined) return url;
    const prefix = /^https?:\/\//.test(mirror) ? mirror : `https://${mirror}`;
    return url.replace(/^https?:\/\/[^/]+/, withoutSlash(prefix));
  },

  /** Without a mirror the reference as it is. */
  reference(reference: string, mirror: string | undefined): string {
    if (mirror === undefined) return reference;
    const prefix = mirror.replace(/^https?:\/\//, "");
    return reference.replace(/^[^/]+/, withoutSlash(prefix));
  },
};

/** A registry at a mirror whose prefix begins with `http://` is asked without TLS. */
export function isPlain(mirror: string | undefined): boolean {
  return mirror?.startsWith("http://") ?? false;
}

function withoutSlash(prefix: string): string {
  return prefix.replace(/\/+$/, "");
}
