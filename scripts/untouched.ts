import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { kubeconfigPaths } from "../clusters/kubeconfig/kubeconfig-file.ts";
import { environmentError, exitCodes, usageError } from "../lib/errors.ts";
import { connect } from "../lib/kube.ts";
import { createLog } from "../lib/log.ts";
import { clusterPrint, differences, printCluster } from "../lib/untouched.ts";
import { parseOptions, runProgram } from "./program.ts";

const usage = `node scripts/untouched.ts save|compare FILE [--kubeconfig FILE]
Proves that a cluster is as it was: \`save\` writes which objects it has, of every kind, with uid, generation and labels;
\`compare\` tells what came, went or changed since. Events, leases, measurements and what controllers make anew (pods of a
Deployment, slices of a Service) are left out. The kubeconfig is $KUBECONFIG's, or ~/.kube/config.
Exit code 1 if something differs.
`;

const log = createLog();
await runProgram({
  usage,
  log,
  read() {
    const { values, positionals } = parseOptions(
      { options: { kubeconfig: { type: "string" }, help: { type: "boolean" } }, allowPositionals: true },
      usage,
    );
    const [action, file, ...more] = positionals;
    if (values.help) return "help";
    if (!(action === "save" || action === "compare") || file === undefined || more.length > 0) throw usageError(usage);
    const [first = ""] = kubeconfigPaths(values.kubeconfig);
    return { action, file, kubeconfig: first };
  },
  async work({ action, file, kubeconfig }, signal) {
    const now = await printCluster(connect(kubeconfig), signal);
    const count = `${Object.keys(now).length} objects`;
    if (action === "save") {
      await writeFile(file, JSON.stringify(now, null, 2));
      log.info(`${count} are in ${file}`);
      return exitCodes.conformant;
    }
    const before = clusterPrint.safeParse(JSON.parse(await readFile(file, "utf8")));
    if (!before.success) {
      throw environmentError(`\`${file}\` was not written by \`save\`.`, { evidence: z.prettifyError(before.error) });
    }
    const found = differences(before.data, now);
    for (const line of found) log.warn(line);
    log.info(found.length === 0 ? `${count}, all as before` : `${found.length} differences`);
    return found.length === 0 ? exitCodes.conformant : exitCodes.failed;
  },
});
