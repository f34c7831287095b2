import type { Capability } from "../../lib/environment.ts";
import type { ApiRequest } from "../../lib/kube/api-request.ts";
import { type AccessRule, accessRules } from "./access-rules.ts";

/** What a run is made of, as far as rights depend on it. Of checks everything counts that is not given. */
export interface AccessNeeds {
  /** Kinds of the objects in their YAML, by `kindName`. */
  kinds?: ReadonlySet<string>;
  /** What they need of a cluster. */
  needs?: ReadonlySet<Capability>;
  /** Istio is to come as StarlingX's application. */
  starlingx?: boolean;
}

/** A kind with its group, as two groups may have one of the same name: `Gateway.networking.istio.io`, `Secret`. */
export function kindName(group: string, kind: string): string {
  return group === "" ? kind : `${kind}.${group}`;
}

/** The rights that such a run needs; one of all checks if nothing is given. */
export function rulesFor({ kinds, needs, starlingx = false }: AccessNeeds = {}): AccessRule[] {
  return accessRules.filter(({ group, when }) => {
    if (when === undefined) return true;
    if ("platform" in when) return starlingx;
    if ("kind" in when) return kinds?.has(kindName(group, when.kind)) ?? true;
    return needs?.has(when.needs) ?? true;
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
