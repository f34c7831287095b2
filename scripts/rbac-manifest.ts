import { Document, isMap, isSeq } from "yaml";
import type { AccessRule } from "../clusters/rights/access-rules.ts";
import type { KubeObject } from "../lib/kube.ts";

/** The ServiceAccount that gets the rights. */
export interface Account {
  name: string;
  namespace: string;
}

interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** A role's rule with what it is for. */
interface ExplainedRule {
  rule: PolicyRule;
  why: string;
}

/** The objects that give the account these rights: a ClusterRole, and a Role for each namespace that has some of its own. */
export function rbacObjects(rules: readonly AccessRule[], account: Account): KubeObject[] {
  return explained(rules, account).map(({ object }) => object);
}

/** The same as YAML, with what each rule is for. */
export function rbacYaml(rules: readonly AccessRule[], account: Account): string {
  return explained(rules, account)
    .map(({ object, reasons }) => {
      const document = new Document(object);
      const rules = document.get("rules");
      if (isSeq(rules)) {
        for (const [index, item] of rules.items.entries()) if (isMap(item)) item.commentBefore = ` ${reasons[index]}`;
      }
      return document.toString({ lineWidth: 0 });
    })
    .join("---\n");
}

function explained(
  rules: readonly AccessRule[],
  account: Account,
): { object: KubeObject; reasons: readonly string[] }[] {
  const metadata = { name: account.name, labels: { "app.kubernetes.io/part-of": "vmesh" } };
  const subjects = [{ kind: "ServiceAccount", ...account }];
  const plain = (object: KubeObject) => ({ object, reasons: [] });
  const pair = (kind: "ClusterRole" | "Role", given: readonly AccessRule[], namespace?: string) => {
    const merged = policyRules(given);
    const named = { ...metadata, ...(namespace !== undefined && { namespace }) };
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: named };
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name: account.name };
    return [
      { object: { ...role, rules: merged.map(({ rule }) => rule) }, reasons: merged.map(({ why }) => why) },
      plain({ ...role, kind: `${kind}Binding`, roleRef, subjects }),
    ];
  };
  const namespaces = [...new Set(rules.flatMap(({ namespace }) => namespace ?? []))];
  return [
    plain({ apiVersion: "v1", kind: "Namespace", metadata: { ...metadata, name: account.namespace } }),
    plain({ apiVersion: "v1", kind: "ServiceAccount", metadata: { ...metadata, namespace: account.namespace } }),
    ...pair(
      "ClusterRole",
      rules.filter(({ namespace }) => namespace === undefined),
    ),
    ...namespaces.flatMap((namespace) =>
      pair(
        "Role",
        rules.filter((rule) => rule.namespace === namespace),
        namespace,
      ),
    ),
  ];
}

/** One rule for each resource, with every verb that any of the rights has. */
function policyRules(rules: readonly AccessRule[]): ExplainedRule[] {
  const byResource = new Map<string, AccessRule[]>();
  for (const rule of rules) {
    const key = [rule.group, rule.resource, ...(rule.names ?? [])].join(" ");
    byResource.set(key, [...(byResource.get(key) ?? []), rule]);
  }
  return [...byResource.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const verbs = [...new Set(same.flatMap((one) => one.verbs))];
    const why = [...new Set(same.map((one) => one.why))].join("; ");
    const { group, resource, names } = first;
    const rule = { apiGroups: [group], resources: [resource], verbs };
    return [{ rule: names ? { ...rule, resourceNames: [...names] } : rule, why }];
  });
}
