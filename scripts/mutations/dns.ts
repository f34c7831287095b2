import { patching } from "../mutators.ts";
import type { Mutation } from "./mutation.ts";

/** What takes away the cause of a known defect of name resolution. */
export const dnsMutations: readonly Mutation[] = [
  {
    name: "dns-capture-switched-off",
    sentence: "The mesh-wide capture of DNS is asked for with the value `false`.",
    kills: {
      "dns/capture-on-masquerade":
        /It failed in another way than .*capture-on-masquerade.md describes: .* captures DNS/,
    },
    start: patching(
      { apiVersion: "networking.istio.io/v1beta1", kind: "ProxyConfig" },
      ({ metadata }) => metadata.name === "dns-capture",
      { spec: { environmentVariables: { ISTIO_META_DNS_CAPTURE: "false" } } },
    ),
  },
];
