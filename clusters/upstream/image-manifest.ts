import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";

/** Manifests of one platform and lists of them, in both their dialects. */
export const manifestTypes = {
  list: ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"],
  image: ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"],
} as const;

const descriptor = z.looseObject({ digest: z.string() });
const imageSchema = z.looseObject({ config: descriptor, layers: z.array(descriptor) });
const platform = z.looseObject({ os: z.string(), architecture: z.string() });
const listSchema = z.looseObject({ manifests: z.array(descriptor.extend({ platform: platform.optional() })) });

/** Digests of configuration and layers, each once, of the manifest of an image. Throws an environment error if it is none. */
export function blobsOf(manifest: string, image: string): string[] {
  const { config, layers } = parsed(imageSchema, manifest, image);
  return [...new Set([config, ...layers].map(({ digest }) => digest))];
}

/** The digest that a list has for a platform, `linux-amd64` say. Throws an environment error with those it has. */
export function digestFor(list: string, image: string, wanted: string): string {
  const { manifests } = parsed(listSchema, list, image);
  const named = manifests.map(({ digest, platform: of }) => ({ digest, name: of && `${of.os}-${of.architecture}` }));
  const one = named.find(({ name }) => name === wanted);
  if (one) return one.digest;
  throw environmentError(`\`${image}\` has no image for ${wanted}.`, {
    evidence: `it has: ${named.map(({ name }) => name ?? "unknown").join(", ")}`,
  });
}

/** The file name of a blob in a layout. */
export function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex) return hex;
  throw environmentError(`A manifest names a blob \`${digest}\`, expected \`sha256:…\`.`);
}

function parsed<T>(schema: z.ZodType<T>, text: string, image: string): T {
  const result = z
    .string()
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue("no JSON");
        return z.NEVER;
      }
    })
    .pipe(schema)
    .safeParse(text);
  if (result.success) return result.data;
  throw environmentError(`The manifest of \`${image}\` is of no kind that vmesh knows.`, {
    evidence: z.prettifyError(result.error),
  });
}
