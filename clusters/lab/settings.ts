import { z } from "zod";
import { usageError } from "../../lib/errors.ts";

const cidr = z.string().regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, "expected an IPv4 range such as 10.244.0.0/16");

const schema = z.strictObject({
  /** Docker network of the nodes, /24; a free one of 172.30.0.0/16 when not given. */
  nodeSubnet: cidr.optional(),
  /** Pods of all nodes; node n gets the n-th /24 of it. */
  podSubnet: cidr.default("10.244.0.0/16"),
  serviceSubnet: cidr.default("10.96.0.0/16"),
});

/** The `lab` section of the configuration. */
export type LabSettings = z.infer<typeof schema>;

/** Validates the section. Throws a usage error that names every wrong key. */
export function parseSettings(settings: Readonly<Record<string, unknown>>): LabSettings {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  throw usageError("The `lab` section of the configuration is not valid.", { evidence: z.prettifyError(result.error) });
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
