import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { startRegistry } from "../lab/registry.ts";

/** Serves HTTP on this machine for the test under way. Returns the address without a slash at its end. */
export async function serveHttp(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Why no real registry can be started here. */
export const noRegistry = existsSync("/usr/bin/docker-registry") ? undefined : "needs Debian's `docker-registry`";

/** Debian's registry, empty, for the test under way. Returns its `HOST:PORT`. */
export async function emptyRegistry(): Promise<string> {
  const folder = await temporaryFolder();
  const [storage, stateDir] = [join(folder, "images"), join(folder, "state")];
  const registry = await startRegistry({ storage, stateDir, address: "127.0.0.1", readOnly: false });
  onTestFinished(registry.stop);
  return registry.endpoint;
}

/** A small image in the OCI image layout; another `content`, another image. Returns its folder and its digest. */
export async function imageLayout(content: string): Promise<{ folder: string; digest: string; manifest: string }> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  const blob = async (text: string) => {
    const hex = createHash("sha256").update(text).digest("hex");
    await writeFile(join(folder, "blobs/sha256", hex), text);
    return { digest: `sha256:${hex}`, size: text.length };
  };
  const config = await blob(JSON.stringify({ os: "linux", architecture: "amd64", content }));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...(await blob(content)) }],
  });
  const { digest, size } = await blob(manifest);
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const index = { schemaVersion: 2, manifests: [{ mediaType: imageType, digest, size }] };
  await writeFile(join(folder, "index.json"), JSON.stringify(index));
  return { folder, digest, manifest };
}

export const imageType = "application/vnd.oci.image.manifest.v1+json";
export const listType = "application/vnd.oci.image.index.v1+json";

/** Stands in front of a server; what `first` does not answer goes through to it. */
export function inFrontOf(
  server: string,
  first: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<string> {
  return serveHttp(async (request, response) => {
    if (first(request, response)) return;
    const headers = { accept: request.headers.accept ?? "*/*" };
    const answer = await fetch(`${server}${request.url}`, { method: request.method ?? "GET", headers });
    const kept = ["content-type", "docker-content-digest"].map((name) => [name, answer.headers.get(name) ?? ""]);
    response.writeHead(answer.status, Object.fromEntries(kept.filter(([, value]) => value !== "")));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
}
