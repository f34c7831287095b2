import { isIPv4 } from "node:net";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { usageError } from "../../lib/errors.ts";
import { components } from "../components/components.ts";
import { starlingxSettings } from "../components/starlingx/settings.ts";

const path = z
  .string()
  .min(1)
  .transform((text) => resolve(text.replace(/^~(?=\/)/, homedir())));
const address = z.string().refine(isIPv4, "expected an IPv4 address");
const names = components.map(({ name }) => name);
const installable = z.array(
  z.string().refine((name) => name === "missing" || names.includes(name), {
    error: ({ input }) => `there is no component \`${input}\`, expected \`missing\` or some of: ${names.join(", ")}`,
  }),
);

const schema = z.strictObject({
  /** The kubeconfig, or several with colons; $KUBECONFIG or ~/.kube/config when not given. */
  kubeconfig: z.string().min(1).optional(),
  /** A context of it; the current one when not given. */
  context: z.string().min(1).optional(),
  /** Whom the user speaks for in every request. */
  as: z.string().min(1).optional(),
  /** Components to install where they are not there; `missing` means all of them. */
  install: z
    .preprocess((value) => (value === "missing" ? [value] : value), installable)
    .default([])
    .transform((value) => (value.includes("missing") ? ("missing" as const) : value)),
  /** References that the nodes can pull or have: vmesh's own two, and one that plays all of Bookinfo, for its own. */
  images: z
    .strictObject({
      workload: z.string().min(1),
      guest: z.string().min(1),
      bookinfo: z.string().min(1).optional(),
    })
    .optional(),
  /** Address of a host outside cluster and mesh that serves as the workload image does. */
  external: address.optional(),
  machines: z
    .strictObject({
      /** A machine outside the cluster with Istio's package for VMs, for this run alone. */
      vm: z
        .strictObject({
          name: z.string().min(1),
          address,
          user: z.string().min(1).default("root"),
          identityFile: path,
          knownHostsFile: path,
        })
        .optional(),
    })
    .prefault({}),
  /** Entered as the external address of the gateway that vmesh installs, where nothing in the cluster gives one. */
  loadBalancer: address.optional(),
  /** The program; from PATH, else of the version set, when not given. */
  istioctl: path.optional(),
  /** VMs run without hardware virtualization, where vmesh installs KubeVirt. */
  emulation: z.boolean().default(false),
  /** Factor on all durations. */
  timeScale: z.number().positive().max(100).default(1),
  /** Istio comes as StarlingX's own application, where `install` names it. */
  starlingx: starlingxSettings.optional(),
  /** Proves at the end that every object is as it was; nobody else may work on the cluster meanwhile. */
  untouched: z.boolean().default(false),
});

/** The `kubeconfig` section of the configuration. */
export type KubeconfigSettings = z.infer<typeof schema>;

/** Validates the section. Throws a usage error that names every wrong key, and for what excludes each other. */
export function parseSettings(settings: Readonly<Record<string, unknown>>): KubeconfigSettings {
  const result = schema.safeParse(settings);
  if (!result.success) {
    throw usageError("The `kubeconfig` section of the configuration is not valid.", {
      evidence: z.prettifyError(result.error),
    });
  }
  if (result.data.untouched && result.data.install.length > 0) {
    throw usageError("`untouched` proves that a cluster is as it was, and `install` changes it.", {
      hint: "install first, by a run of its own",
    });
  }
  const { starlingx, install } = result.data;
  if (starlingx && install !== "missing" && !install.includes("istio")) {
    throw usageError("`starlingx` says how Istio is installed, and `install` does not name it.", {
      hint: "add `install: [istio]`; an application that is applied already is used without `starlingx`",
    });
  }
  return result.data;
}
