import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KubeObject } from "../../lib/kube.ts";
import { type FakeCluster, fakeApi } from "../../lib/kube/fake-api.ts";
import { createLog } from "../../lib/log.ts";
import { temporaryFolder } from "../../lib/temporary-folder.ts";
import type { CreateOptions } from "../provider.ts";
import * as like from "./lab-like.fixture.ts";

export const images = { workload: "registry.example/workload:1", guest: "registry.example/guest:1" };

/** A cluster with everything, and a folder for a run on it. */
export async function scene(
  settings: Record<string, unknown> = {},
  objects: KubeObject[] = [...like.everything],
  allows: NonNullable<FakeCluster["allows"]> = () => true,
) {
  const cacheDir = await temporaryFolder();
  const clusterId = "vmesh-abc123";
  const stateDir = join(cacheDir, "clusters", clusterId);
  await mkdir(stateDir, { recursive: true });
  const istioctl = join(cacheDir, "istioctl");
  await writeFile(istioctl, "");
  await chmod(istioctl, 0o755);
  const api = await fakeApi({ objects, kinds: like.kinds, allows });
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const given = { kubeconfig: api.kubeconfig, images, istioctl, ...settings };
  const options: CreateOptions = { clusterId, cacheDir, stateDir, nodes: 1, settings: given, log };
  return { api, objects, lines, options, istioctl };
}
