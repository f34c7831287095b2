import { dnsMutations } from "./mutations/dns.ts";
import { enrolmentMutations } from "./mutations/enrolment.ts";
import { externalVmMutations } from "./mutations/external-vm.ts";
import { gettingStartedMutations } from "./mutations/getting-started.ts";
import { inboundMutations } from "./mutations/inbound.ts";
import { lifecycleMutations } from "./mutations/lifecycle.ts";
import { meshWideMutations } from "./mutations/mesh-wide.ts";
import { migrationMutations } from "./mutations/migration.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { networkPolicyMutations } from "./mutations/network-policy.ts";
import { observabilityMutations } from "./mutations/observability.ts";
import { outboundMutations } from "./mutations/outbound.ts";
import { strictMutations } from "./mutations/strict.ts";
import { trafficMutations } from "./mutations/traffic.ts";
import { vmiToVmiMutations } from "./mutations/vmi-to-vmi.ts";

/** Every mutation. Each check of the catalog is in the `kills` of at least one. */
export const mutations: readonly Mutation[] = [
  ...trafficMutations,
  ...enrolmentMutations,
  ...inboundMutations,
  ...vmiToVmiMutations,
  ...outboundMutations,
  ...strictMutations,
  ...meshWideMutations,
  ...lifecycleMutations,
  ...migrationMutations,
  ...dnsMutations,
  ...networkPolicyMutations,
  ...externalVmMutations,
  ...gettingStartedMutations,
  ...observabilityMutations,
];
