import { usageError } from "../../lib/errors.ts";

/** What an image's name says: `quay.io/kubevirt/virt-api:v1.7.0@sha256:…`. */
export interface ImageReference {
  /** With its port, where it says one. */
  host: string;
  /** The repository: `kubevirt/virt-api`. */
  name: string;
  tag?: string | undefined;
  digest?: string | undefined;
}

/** Throws a usage error for a name without a host, or with neither tag nor digest. */
export function parseReference(text: string): ImageReference {
  const pattern =
    /^(?<host>[\w.-]+(?::\d+)?)\/(?<name>[\w./-]+?)(?::(?<tag>[\w.-]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;
  const { host, name, tag, digest } = pattern.exec(text)?.groups ?? {};
  if (host && name && (tag ?? digest) !== undefined) return { host, name, tag, digest };
  throw usageError(`\`${text}\` is no name of an image, expected \`HOST/NAME:TAG\`, with or without \`@sha256:…\`.`);
}

/** What the registry itself is asked for: the digest if there is one. */
export function versionOf({ tag, digest }: ImageReference): string {
  return digest ?? tag ?? "latest";
}
