import type { Kube } from "../../lib/kube.ts";
import type { AccessRule } from "../rights/access-rules.ts";
import { rulesFor } from "../rights/access.ts";
import { fine, type Judgement, limited, missing } from "../finding.ts";

/** Reviews that are asked for at the same time. */
const together = 10;
/** Rights that a finding names. */
const shown = 5;

/** Whether the user has every right that runs need. What only some checks need is no obstacle to the others. */
export async function judgeRights(kube: Kube, { starlingx }: { starlingx: boolean }): Promise<Judgement> {
  if (await isAdministrator(kube)) return fine("rights", "everything");
  const asked = rulesFor({ starlingx }).flatMap((rule) => rule.verbs.map((verb) => ({ rule, verb })));
  const refused: typeof asked = [];
  for (let from = 0; from < asked.length; from += together) {
    const some = asked.slice(from, from + together);
    const allowed = await Promise.all(some.map(({ rule, verb }) => kube.mayI(rightOf(rule, verb))));
    refused.push(...some.filter((_, index) => !allowed[index]));
  }
  if (refused.length === 0) return fine("rights", `all ${asked.length} that a run needs`);
  const words = refused.map(({ rule, verb }) => `${verb} ${rule.resource}${rule.group ? `.${rule.group}` : ""}`);
  const more = words.length > shown ? ` and ${words.length - shown} more` : "";
  const detail = `${refused.length} of ${asked.length} are not granted: ${words.slice(0, shown).join(", ")}${more}`;
  const mend = "`scripts/vmesh rbac | kubectl apply -f -` grants them to the ServiceAccount `vmesh/vmesh`";
  if (refused.some(({ rule }) => rule.when === undefined)) return missing("rights", detail, mend);
  return limited("rights", `${detail}; those that every run needs are`, mend);
}

/** Whether the user may do everything, as who installs a mesh must. */
export function isAdministrator(kube: Kube): Promise<boolean> {
  return kube.mayI({ verb: "*", group: "*", resource: "*" });
}

function rightOf({ group, resource, namespace, names }: AccessRule, verb: string) {
  return { verb, group, resource, namespace, name: names?.[0] };
}
