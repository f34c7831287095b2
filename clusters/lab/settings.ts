import { isIPv4 } from "node:net";
import { z } from "zod";
import { usageError } from "../../lib/errors.ts";

const schema = z.strictObject({
  /** Docker network of the nodes, /24; a free one of 172.30.0.0/16 when not given. */
  nodeSubnet: range({ largest: 24, smallest: 24 }).optional(),
  /** Pods of all nodes; node n gets the n-th /24 of it, and there are up to nine nodes. */
  podSubnet: range({ largest: 16, smallest: 20 }).default("10.244.0.0/16"),
  /** An API server takes no more than 2^20 addresses. */
  serviceSubnet: range({ largest: 12, smallest: 24 }).default("10.96.0.0/16"),
  /** Istio and KubeVirt: built from modules, or the releases of the version set. */
  artifacts: z.enum(["build", "upstream"]).default("build"),
});

/** The `lab` section of the configuration. */
export type LabSettings = z.infer<typeof schema>;

/** Validates the section. Throws a usage error that names every wrong key. */
export function parseSettings(settings: Readonly<Record<string, unknown>>): LabSettings {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  throw usageError("The `lab` section of the configuration is not valid.", { evidence: z.prettifyError(result.error) });
}

/** Throws a usage error for versions that cannot be built: the modules are those of the set `lab`. */
export function demandBuildable({ artifacts }: LabSettings, versions: string = "lab"): void {
  if (artifacts === "upstream" || versions === "lab") return;
  throw usageError(`The lab builds the versions of the set \`lab\`, and \`${versions}\` was asked for.`, {
    hint: "take the projects' own releases with `--artifacts upstream`",
  });
}

/** The n-th address (from 0) of an IPv4 range; `addressOf("10.96.0.0/16", 10)` is 10.96.0.10. */
export function addressOf(range: string, index: number): string {
  const base = range.split("/")[0] ?? "";
  const number = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** Pods of the node with this index (from 0): the index-th /24 of the pod range. */
export function podRangeOfNode(podSubnet: string, index: number): string {
  return `${addressOf(podSubnet, index * 256)}/24`;
}

/** Prefix lengths a range may have: `largest` for the most addresses, `smallest` for the fewest. */
interface Size {
  largest: number;
  smallest: number;
}

/** An IPv4 range of one of these sizes, written by its first address. */
function range(size: Size) {
  return z.string().superRefine((text, context) => {
    const problem = problemOf(text, size);
    if (problem) context.addIssue({ code: "custom", message: `${problem}, got \`${text}\`` });
  });
}

/** What was expected of a range and is not so. */
function problemOf(text: string, { largest, smallest }: Size): string | undefined {
  const match = /^(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\/(\d{1,2})$/.exec(text);
  const [, address = "", digits = ""] = match ?? [];
  const prefix = Number(digits);
  if (!isIPv4(address) || prefix > 32) {
    return "expected an IPv4 range such as 10.244.0.0/16, numbers up to 255 and a prefix up to 32";
  }
  if (prefix < largest || prefix > smallest) {
    return largest === smallest ? `expected a /${largest}` : `expected a prefix from /${largest} to /${smallest}`;
  }
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = addressOf("0.0.0.0/0", number - (number % 2 ** (32 - prefix)));
  return first === address ? undefined : `expected the first address of the range, \`${first}/${prefix}\``;
}
