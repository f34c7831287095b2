import { z } from "zod";
import { usageError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";

/** Variables of kubevirtci's that are settings here, or that the provider needs for itself. */
const reserved: Record<string, string> = {
  KUBEVIRTCI_TAG: "`tag`",
  KUBEVIRTCI_RUNTIME: "`runtime`",
  KUBEVIRTCI_PODMAN_SOCKET: "`podmanSocket`",
  KUBEVIRTCI_CONFIG_PATH: "nothing: it is in the cluster's own folder",
  KUBEVIRT_PROVIDER: "`provider`",
  KUBEVIRT_NUM_NODES: "`nodes`, beside `provider: kubevirtci`",
  KUBEVIRT_NUM_VCPU: "`cpus`",
  KUBEVIRT_MEMORY_SIZE: "`memory`",
  KUBEVIRT_DEPLOY_ISTIO: "`istio`",
  KUBEVIRT_WITH_CNAO: "`cnao`",
  KUBEVIRT_DNS_HOST_PORT: "`dnsPort`",
};

const seconds = (ms: number) =>
  z
    .number()
    .positive()
    .max(86_400)
    .default(ms / 1000);

const schema = z.strictObject({
  /** Folder of a checkout; without it the repository is cloned at the tag. */
  checkout: z.string().min(1).optional(),
  /** Where it is cloned from; the version set's when not given. */
  repository: z.string().min(1).optional(),
  /** KUBEVIRTCI_TAG: the release of scripts and images. */
  tag: z
    .string()
    .regex(/^[\w][\w.-]*$/, "expected a tag such as 2608061417-09424f6f")
    .optional(),
  /** KUBEVIRT_PROVIDER. */
  provider: z
    .string()
    .regex(/^k8s-1\.\d+$/, "expected a provider whose nodes are virtual machines, such as k8s-1.34")
    .optional(),
  /** KUBEVIRT_DEPLOY_ISTIO: kubevirtci's own Istio. */
  istio: z.boolean().default(true),
  /** KUBEVIRT_WITH_CNAO: Multus, by the network add-ons operator. */
  cnao: z.boolean().default(true),
  /** KUBEVIRT_MEMORY_SIZE of each node. */
  memory: z
    .string()
    .regex(/^[1-9]\d*[MG]$/, "expected megabytes or gigabytes, such as 5120M")
    .default("5120M"),
  /** KUBEVIRT_NUM_VCPU of each node; tags of 2021 have six, whatever is said here. */
  cpus: z.int().min(2).max(64).default(6),
  /** KUBEVIRT_DNS_HOST_PORT, an UDP port of this machine. */
  dnsPort: z.int().min(1024).max(65_535).default(31_111),
  /** KUBEVIRTCI_RUNTIME; podman where its socket answers, else docker, when not given. */
  runtime: z.enum(["docker", "podman"]).optional(),
  /** KUBEVIRTCI_PODMAN_SOCKET. */
  podmanSocket: z.string().min(1).default("/run/podman/podman.sock"),
  /** Further variables of kubevirtci's, under its own names. */
  environment: z.record(z.string().regex(/^KUBE?VIRT(CI)?_[A-Z0-9_]+$/), z.string()).default({}),
  /** References the nodes can pull; without them the images are built here and pushed to the cluster's own registry. */
  images: z.strictObject({ workload: z.string().min(1), guest: z.string().min(1) }).optional(),
  /** How long each part may take, in seconds. */
  deadlines: z
    .strictObject({
      up: seconds(timeouts.kubevirtciUp),
      ready: seconds(timeouts.kubevirtciReady),
      down: seconds(timeouts.kubevirtciDown),
    })
    .prefault({}),
});

/** The version set whose `kubevirtci` and `kubevirtci-provider` are used where none is asked for. */
export const usualSet = "current";

/** The `kubevirtci` section of the configuration. */
export type KubevirtciSettings = z.infer<typeof schema>;

/** Validates the section. Throws a usage error that names every wrong key. */
export function parseSettings(settings: Readonly<Record<string, unknown>>): KubevirtciSettings {
  const result = schema.safeParse(settings);
  if (!result.success) {
    throw usageError("The `kubevirtci` section of the configuration is not valid.", {
      evidence: z.prettifyError(result.error),
    });
  }
  for (const name of Object.keys(result.data.environment)) {
    if (reserved[name] === undefined) continue;
    throw usageError(`\`${name}\` cannot be set by \`environment\`.`, { hint: `instead of it use ${reserved[name]}` });
  }
  return result.data;
}
