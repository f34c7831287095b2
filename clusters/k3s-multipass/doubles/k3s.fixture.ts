import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MultipassDouble, multipassDouble } from "../../machines/doubles/multipass.fixture.ts";

/** Doubles of Multipass and k3s, and settings of the provider with which it uses them. */
export interface K3sDouble extends MultipassDouble {
  settings: Record<string, unknown> & { files: Record<string, string> };
}

/**
 * Doubles whose cluster is the one that `kubeconfig` leads to, at the address `server`. Nothing is downloaded or built: what
 * goes into instances are the doubles, and texts that say what they stand for.
 */
export async function k3sDouble(
  state: string,
  { kubeconfig, server, version }: { kubeconfig: string; server: string; version: string },
): Promise<K3sDouble> {
  const double = await multipassDouble(state);
  await copyFile(kubeconfig, join(state, "kubeconfig"));
  await double.set("addresses", `${server}\n`);
  await double.set("k3s-version", version);
  const text = async (name: string, content: string) => {
    const file = join(state, name);
    await writeFile(file, content, { mode: 0o755 });
    return file;
  };
  const files = {
    k3s: join(import.meta.dirname, "k3s"),
    "k3s-install.sh": join(import.meta.dirname, "k3s-install.sh"),
    "istio-sidecar.deb": await text("istio-sidecar.deb", "Architecture: amd64\n"),
    istioctl: await text("istioctl", "#!/bin/sh\n"),
    "vmesh-echo": await text("vmesh-echo", "#!/bin/sh\n"),
  };
  return { ...double, settings: { multipass: double.program, files } };
}

/** The server that a kubeconfig names. */
export async function serverIn(kubeconfig: string): Promise<string> {
  return /"?server"?: *"?(https?:\/\/[^"\s]+)/.exec(await readFile(kubeconfig, "utf8"))?.[1] ?? "";
}
