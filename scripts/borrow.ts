import { stringify } from "yaml";
import { loadEnvironment } from "../lib/environment.ts";
import { exitCodes } from "../lib/errors.ts";
import { createLog } from "../lib/log.ts";
import { resolveCluster } from "./cluster-state.ts";
import { parseOptions, runProgram } from "./program.ts";

// Shows a cluster of vmesh's own to provider `kubeconfig` as one that was there before: what the provider finds out of a
// foreign one it then finds out of this one, and both runs must come to the same verdicts.

const usage = `Usage: node scripts/borrow.ts [--cluster current|FILE] [--untouched]
Prints a configuration with which \`scripts/vmesh run --cluster kubeconfig --config FILE\` uses a cluster that is up.
--untouched  that run fails if an object of the cluster is not as it was
`;
await runProgram({ usage, log: createLog(), read: readArguments, work: print });

type Options = Exclude<ReturnType<typeof readArguments>, "help">;

async function print({ cluster, untouched }: Options): Promise<number> {
  const { kubeconfig, images, endpoints, machines, tools, timeScale } = await loadEnvironment(
    await resolveCluster(cluster),
  );
  const { workload, guest } = images;
  const settings = {
    kubeconfig,
    // One image plays all of Bookinfo there.
    images: { workload, guest, bookinfo: images["details-v1"] },
    external: endpoints.external,
    machines,
    istioctl: tools.istioctl,
    timeScale,
    untouched,
  };
  process.stdout.write(stringify({ settings: { kubeconfig: settings } }));
  return exitCodes.conformant;
}

function readArguments() {
  const { values } = parseOptions(
    {
      options: {
        cluster: { type: "string", default: "current" },
        untouched: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    },
    usage,
  );
  return values.help ? "help" : values;
}
