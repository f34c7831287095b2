import { readdirSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../lib/command.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { type DoubleEngine, doubleEngine } from "./engine.ts";

/** A container engine that is a double, with the checkout whose scripts call it. */
export interface Double {
  engine: DoubleEngine;
  /** Variables with which programs find the double before any engine of this machine. */
  variables: Record<string, string>;
  /** Settings of the provider for it. */
  settings: Record<string, unknown>;
  /** Switches failure modes on, and all others off. */
  fail(...faults: string[]): Promise<void>;
  /** Runs the double's CLI as anybody would. */
  docker(...args: string[]): Promise<string>;
}

export interface DoubleOptions {
  /** An empty folder. */
  folder: string;
  /** A kubeconfig: what it leads to passes for the cluster's API server. */
  adminConf: string;
  /** Folder in which Node keeps the double compiled: each of its many calls is a process. */
  compiled: string;
}

/**
 * A stand-in for the scripts, or with `VMESH_KUBEVIRTCI_CHECKOUT` a real checkout of kubevirtci: the container CLI is a
 * double either way.
 */
export const checkout = process.env["VMESH_KUBEVIRTCI_CHECKOUT"] ?? join(import.meta.dirname, "checkout");

/** The newest provider of virtual machines that the checkout has. */
export const doubleProvider = readdirSync(join(checkout, "cluster-up/cluster"))
  .filter((name) => /^k8s-1\.\d+$/.test(name))
  .toSorted()
  .at(-1);

export async function startDouble({ folder, adminConf, compiled }: DoubleOptions): Promise<Double> {
  const engine = doubleEngine(join(folder, "engine"));
  const programs = join(folder, "bin");
  await mkdir(engine.folder, { recursive: true });
  await mkdir(programs, { recursive: true });
  await writeFile(join(engine.folder, "admin.conf"), adminConf);
  const program = join(programs, "docker");
  const script = join(import.meta.dirname, "docker.ts");
  await writeFile(
    program,
    `#!/bin/sh\nexport NODE_COMPILE_CACHE='${compiled}'\nexec '${process.execPath}' '${script}' "$@"\n`,
  );
  await chmod(program, 0o755);
  const variables = {
    PATH: `${programs}:${process.env["PATH"] ?? ""}`,
    VMESH_DOUBLE_ENGINE: engine.folder,
    DOCKER_HOST: "",
  };
  return {
    engine,
    variables,
    settings: {
      checkout,
      tag: "double",
      provider: doubleProvider,
      runtime: "docker",
      images: { workload: "registry:5000/vmesh/workload:double", guest: "registry:5000/vmesh/guest:double" },
    },
    fail: (...faults) => writeFile(join(engine.folder, "faults"), faults.join("\n")),
    async docker(...args) {
      return (await run(program, args, { env: variables, timeoutMs: timeouts.shortCommand })).stdout;
    },
  };
}

/** Serves stand-ins for the files of a version set that the provider fetches, by the ends of their addresses. */
export async function upstreamFiles(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const program = join(folder, "istioctl");
  await writeFile(program, "#!/bin/sh\necho 'a stand-in for istioctl' >&2\nexit 1\n", { mode: 0o755 });
  const archive = join(folder, "istioctl.tar.gz");
  const manifest = join(folder, "kubevirt-operator.yaml");
  await run("tar", ["-czf", archive, "-C", folder, "istioctl"], { timeoutMs: timeouts.shortCommand });
  await writeFile(manifest, "apiVersion: v1\nkind: Namespace\nmetadata: { name: kubevirt }\n");
  return { ".tar.gz": archive, ".yaml": manifest };
}
