import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { run } from "../../lib/command.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { startRegistry } from "../lab/registry.ts";

/** Serves HTTP on this machine for the test under way. Returns the address without a slash at its end. */
export async function serveHttp(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => closed(server));
  return addressOf(server);
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

/** A small image in the OCI image layout with these layers. Returns its folder and its digest. */
export async function imageLayout(
  ...layers: (string | Buffer)[]
): Promise<{ folder: string; digest: string; manifest: string }> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "blobs/sha256"), { recursive: true });
  const blob = async (text: string | Buffer) => {
    const hex = createHash("sha256").update(text).digest("hex");
    await writeFile(join(folder, "blobs/sha256", hex), text);
    return { digest: `sha256:${hex}`, size: text.length };
  };
  const config = await blob(JSON.stringify({ os: "linux", architecture: "amd64", made: layers.length }));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: (await Promise.all(layers.map(blob))).map((layer) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar",
      ...layer,
    })),
  });
  const { digest, size } = await blob(manifest);
  await writeFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const index = { schemaVersion: 2, manifests: [{ mediaType: imageType, digest, size }] };
  await writeFile(join(folder, "index.json"), JSON.stringify(index));
  return { folder, digest, manifest };
}

/** A repository with the files of a folder at an annotated tag. Returns its address and the commit. */
export async function gitRepository(files: string, tag: string): Promise<{ url: string; commit: string }> {
  const folder = join(await temporaryFolder(), "repository");
  await cp(files, folder, { recursive: true });
  const own = ["user.name=vmesh", "user.email=vmesh@example.com", "commit.gpgsign=false", "tag.gpgsign=false"];
  const git = (...args: string[]) => {
    const words = ["-C", folder, ...own.flatMap((setting) => ["-c", setting]), ...args];
    return run("git", words, { timeoutMs: timeouts.shortCommand });
  };
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "all");
  await git("tag", "--annotate", "--message", tag, tag);
  const { stdout } = await git("rev-parse", "HEAD");
  return { url: `file://${folder}`, commit: stdout.trim() };
}

export const imageType = "application/vnd.oci.image.manifest.v1+json";
export const listType = "application/vnd.oci.image.index.v1+json";

/** Stands in front of a server; what `first` does not answer goes through to it. */
export function inFrontOf(
  server: string,
  first: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<string> {
  return serveHttp(async (request, response) => {
    if (!first(request, response)) await passOn(server, request, response);
  });
}

/**
 * A mirror until its process ends: a registry and files, by their paths on it. Returns the prefix, and the paths that
 * were asked for so far.
 */
export async function mirrorOf(
  registry: string,
  files: Readonly<Record<string, string>>,
): Promise<{ prefix: string; asked: string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { url = "" } = request;
    asked.push(url);
    const file = files[url];
    if (file !== undefined) return void createReadStream(file).pipe(response);
    await passOn(`http://${registry}`, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { prefix: addressOf(server), asked, close: () => closed(server) };
}

async function passOn(server: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { accept: request.headers.accept ?? "*/*" };
  const answer = await fetch(`${server}${request.url}`, { method: request.method ?? "GET", headers });
  for (const name of ["content-type", "content-length", "docker-content-digest"]) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  response.writeHead(answer.status);
  for await (const chunk of answer.body ?? []) response.write(chunk);
  response.end();
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}
