import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Log } from "../../lib/log.ts";
import { quote } from "../../lib/shell.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { cacheEntry } from "../lab/cache.ts";
import type { Multipass } from "../machines/multipass-cli.ts";
import { sha256Of, writeImageArchive } from "./image-archive.ts";

export type Architecture = "amd64" | "arm64";

/** The image of the checks' pods, and the archive that brings it to nodes. */
export interface WorkloadImage {
  reference: string;
  archive: string;
}

const dockerfilePath = join(import.meta.dirname, "../lab/images/vmesh/workload/Dockerfile");

/** The lab's workload image for an architecture, made without an engine, of our program in the file `echo`. */
export async function workloadImage(options: {
  architecture: Architecture;
  echo: string;
  cacheDir: string;
  log: Log;
  signal: AbortSignal;
}): Promise<WorkloadImage> {
  const { architecture, echo, cacheDir: root, log, signal } = options;
  const dockerfile = await readFile(dockerfilePath, "utf8");
  const files = { "vmesh-echo": echo };
  const key = [dockerfile, architecture, await sha256Of(echo)];
  const folder = await cacheEntry({ root, kind: "workload-archive", key, log, signal }, (draft) => {
    const image = { reference: referenceOf(draft), dockerfile, files, architecture };
    return writeImageArchive(image, join(draft, "image.tar"), signal);
  });
  return { reference: referenceOf(folder), archive: join(folder, "image.tar") };
}

/** Its tag is the digest in the name of its cache entry, with which the draft's name begins, too. */
function referenceOf(folder: string): string {
  const [entry = ""] = basename(folder).split(".");
  return `vmesh.dev/workload:${entry.split("-").at(-1)}`;
}

/** Puts an image into a node's own store, of which it then needs no registry. */
export async function importImage(
  multipass: Multipass,
  instance: string,
  { archive, reference }: WorkloadImage,
  { log, signal }: { log: Pick<Log, "info">; signal: AbortSignal },
): Promise<void> {
  const file = "/tmp/vmesh/image.tar";
  await multipass.transfer(archive, instance, file, { signal });
  const script = `k3s ctr images import ${quote(file)}\nrm ${quote(file)}`;
  await multipass.sh(instance, script, { signal, timeoutMs: timeouts.k3sImport });
  log.info(`${reference} is on ${instance}`);
}
