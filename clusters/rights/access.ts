import type { Capability } from "../../lib/environment.ts";
import type { ApiRequest } from "../../lib/kube/api-request.ts";
import { type AccessRule, accessRules } from "./access-rules.ts";

/** What the selected checks are made of, as far as rights depend on it. */
export interface AccessNeeds {
  /** Kinds of the objects in their YAML. */
  kinds: ReadonlySet<string>;
  /** What they need of a cluster. */
  needs: ReadonlySet<Capability>;
}

/** The rights that a run of these checks needs; of all checks if none are given. */
export function rulesFor(needs?: AccessNeeds): AccessRule[] {
  return accessRules.filter(({ when }) => {
    if (when === undefined || needs === undefined) return true;
    return "kind" in when ? needs.kinds.has(when.kind) : needs.needs.has(when.needs);
  });
}

/** The verbs of a request that none of the rules grants. */
export function refusedVerbs(request: ApiRequest, rules: readonly AccessRule[]): string[] {
  if (isEverybodys(request)) return [];
  return request.verbs.filter((verb) => !rules.some((rule) => rule.verbs.includes(verb) && isAbout(rule, request)));
}

/** Whether the rule grants any verb of the request. */
export function isUsedBy(rule: AccessRule, request: ApiRequest): boolean {
  return isAbout(rule, request) && request.verbs.some((verb) => rule.verbs.includes(verb));
}

function isAbout({ group, resource, namespace, names }: AccessRule, request: ApiRequest): boolean {
  if (group !== request.group || resource !== request.resource) return false;
  if (namespace !== undefined && namespace !== request.namespace) return false;
  return names === undefined || (request.name !== undefined && names.includes(request.name));
}

/** What Kubernetes lets everybody ask: what one may do oneself. */
function isEverybodys({ group, resource }: ApiRequest): boolean {
  return group === "authorization.k8s.io" && /^selfsubject(access|rules)reviews$/.test(resource);
}
