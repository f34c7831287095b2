import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { environmentError } from "../../lib/errors.ts";
import { parseReference } from "./image-reference.ts";
import { blobsOf, hexOf } from "./image-manifest.ts";
import { refusal, type RegistryApi, registryAt, type RegistryOptions } from "./registry-api.ts";

const indexSchema = z.looseObject({
  manifests: z.tuple([z.looseObject({ mediaType: z.string(), digest: z.string() })]),
});

/** Pushes the image of a layout folder to a registry under a name with a tag. Blobs that are there already are not sent. */
export async function pushImage(folder: string, target: string, options: RegistryOptions): Promise<void> {
  const { host, name, tag } = parseReference(target);
  const api = registryAt(host, options);
  const index = indexSchema.parse(JSON.parse(await readFile(join(folder, "index.json"), "utf8")));
  const [{ mediaType, digest }] = index.manifests;
  const manifest = await readFile(join(folder, "blobs/sha256", hexOf(digest)), "utf8");
  for (const blob of blobsOf(manifest, target)) {
    await pushBlob(api, name, blob, await openAsBlob(join(folder, "blobs/sha256", hexOf(blob))));
  }
  const request = { method: "PUT", headers: { "content-type": mediaType }, body: manifest } as const;
  const response = await api.ask(name, `manifests/${tag ?? digest}`, request);
  if (response.status !== 201) throw await refusal(target, response);
}

async function pushBlob(api: RegistryApi, name: string, digest: string, content: Blob): Promise<void> {
  const there = await api.ask(name, `blobs/${digest}`, { method: "HEAD" });
  if (there.status === 200) return;
  const begun = await api.ask(name, "blobs/uploads/", { method: "POST" });
  const location = begun.headers.get("location");
  if (begun.status !== 202 || location === null) throw await refusal(`${name}@${digest}`, begun);
  const url = new URL(location, begun.url);
  url.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  const done = await api.ask(name, url.href, { method: "PUT", headers, body: content });
  if (done.status === 201) return;
  throw environmentError(`The registry ${url.host} did not take a blob of \`${name}\`.`, {
    cause: await refusal(`${name}@${digest}`, done),
  });
}
