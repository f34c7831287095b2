import { isAbsolute } from "node:path";
import { z } from "zod";
import { usageError } from "../../lib/errors.ts";
import type { InstanceSize } from "../machines/multipass-cli.ts";

/** Files of a version set that a cluster is made of. */
const upstreamNames = ["istioctl", "istio-sidecar.deb", "k3s", "k3s-install.sh", "kubevirt-operator.yaml"] as const;
export type UpstreamName = (typeof upstreamNames)[number];
/** Those that may come from this machine instead, and our own program, which is built otherwise. */
const fileNames = [...upstreamNames, "vmesh-echo"] as const;

const amount = (smallestMiB: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?[MG]$/, "expected an amount such as 2G or 512M")
    .transform((text) => Math.round(Number.parseFloat(text) * (text.endsWith("G") ? 1024 : 1)))
    .refine((mebibytes) => mebibytes >= smallestMiB, `expected at least ${smallestMiB}M`);

const size = (cpus: number, memory: string, disk: string) =>
  z
    .strictObject({
      cpus: z.int().min(1).max(64).default(cpus),
      memory: amount(512).prefault(memory),
      disk: amount(2048).prefault(disk),
    })
    .transform(({ cpus, memory, disk }): InstanceSize => ({ cpus, memoryMiB: memory, diskGiB: Math.ceil(disk / 1024) }))
    .prefault({});

const schema = z.strictObject({
  /** Multipass' program, by its name or path. */
  multipass: z.string().min(1).default("multipass"),
  /** Other versions than the set's. */
  k3sVersion: z
    .string()
    .regex(/^v\d+\.\d+\.\d+\+k3s\d+$/, "expected a version such as v1.27.7+k3s1")
    .optional(),
  istioVersion: z
    .string()
    .regex(/^\d+\.\d+\.\d+/, "expected a version such as 1.19.3")
    .optional(),
  /** Platform of istioctl, as Istio writes it; this machine's when not given. */
  istioArch: z.enum(["linux-amd64", "linux-arm64", "linux-armv7", "osx-amd64", "osx-arm64"]).optional(),
  /** Release of Ubuntu, or whatever else `multipass launch` takes. */
  image: z.string().min(1).default("22.04"),
  /** Agents beside the server; 2 when not given, unless `nodes` says more than 1. */
  agents: z.int().min(0).max(8).optional(),
  server: size(2, "2G", "10G"),
  agent: size(2, "4G", "15G"),
  vm: size(2, "1G", "5G"),
  /** Whether a machine outside the cluster is made, to join the mesh. */
  externalVm: z.boolean().default(true),
  /** Program that takes files out of an image, where Istio's package is for another architecture. */
  containerTool: z.enum(["docker", "podman"]).default("docker"),
  /** k3s' registries.yaml: mirrors and credentials of the nodes' container runtime. */
  registries: z.record(z.string(), z.unknown()).optional(),
  /** Test images that nodes can pull, instead of those that are made here and imported. */
  images: z
    .strictObject({ workload: z.string().min(1), guest: z.string().min(1) })
    .partial()
    .default({}),
  /** Files of this machine instead of downloads, and of a build. */
  files: z.partialRecord(z.enum(fileNames), z.string().refine(isAbsolute, "expected an absolute path")).default({}),
});

/** The `k3s-multipass` section of the configuration. */
export type K3sSettings = z.infer<typeof schema>;

/** Validates the section. Throws a usage error that names every wrong key. */
export function parseSettings(settings: Readonly<Record<string, unknown>>): K3sSettings {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  throw usageError("The `k3s-multipass` section of the configuration is not valid.", {
    evidence: z.prettifyError(result.error),
  });
}

/**
 * How many agents there are to be: as the section says, else one less than `nodes` says, and 2 where neither does.
 * Throws a usage error where the two contradict each other.
 */
export function agentsOf({ agents }: K3sSettings, nodes: number): number {
  if (agents === undefined) return nodes > 1 ? nodes - 1 : 2;
  if (nodes === 1 || nodes === agents + 1) return agents;
  throw usageError(`\`nodes\` is ${nodes} and \`agents\` is ${agents}, expected one agent less than nodes.`, {
    hint: "leave out one of them",
  });
}
