import { accessRules } from "../clusters/rights/access-rules.ts";
import { isUsedBy, refusedVerbs } from "../clusters/rights/access.ts";
import { exitCodes, usageError } from "../lib/errors.ts";
import { readRequests } from "../lib/kube/request-journal.ts";
import { createLog } from "../lib/log.ts";
import { parseOptions, runProgram } from "./program.ts";

const usage = `node scripts/access.ts JOURNAL
Compares what a run asked of the API with the rights that \`scripts/vmesh rbac\` prints. The journal is written by
\`VMESH_API_JOURNAL=JOURNAL scripts/vmesh run --feature '!cluster-admin' …\`, on a cluster on which the components are
already: checks that need \`cluster-admin\` ask for what no rule grants.
Exit code 1 if a request was made that no rule grants. Rules that nothing asked for are told: of these, those for
istioctl are in no journal, and those for evidence of red checks only in that of a red run.
`;

const log = createLog();
await runProgram({
  usage,
  log,
  read() {
    const { values, positionals } = parseOptions(
      { options: { help: { type: "boolean" } }, allowPositionals: true },
      usage,
    );
    const [journal, ...more] = positionals;
    if (values.help) return "help";
    if (journal === undefined || more.length > 0) throw usageError(`Expected one journal.\n${usage}`);
    return { journal };
  },
  async work({ journal }) {
    const requests = readRequests(journal);
    const refused = requests.flatMap((request) => {
      const verbs = refusedVerbs(request, accessRules);
      const { group, resource, namespace = "all namespaces", name = "all" } = request;
      return verbs.length > 0 ? [`${verbs.join(", ")} ${group || "core"} ${resource}: ${name} in ${namespace}`] : [];
    });
    const unused = accessRules.filter((rule) => !requests.some((request) => isUsedBy(rule, request)));
    for (const line of refused.toSorted()) log.warn(`no rule grants ${line}`);
    for (const { group, resource, verbs, why, by } of unused) {
      log.info(
        `nothing asked for ${verbs.join(", ")} ${group || "core"} ${resource} (${why}${by ? `; by ${by}` : ""})`,
      );
    }
    log.info(`${requests.length} different requests, ${refused.length} of them not granted by the rules`);
    return refused.length === 0 ? exitCodes.conformant : exitCodes.failed;
  },
});
