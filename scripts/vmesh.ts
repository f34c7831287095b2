import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { describeError, exitCodeOf, exitCodes, HarnessError } from "../lib/errors.ts";

// A reader that went away (`| head`) must not keep a run from cleaning up.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const sidesHelp = `
A and B are each the folder of a run, its report.json, \`latest\`, several of them with commas, or a folder of runs.
Without --threshold it is 10 percent, and 50 where A has one sample, so that its spread is unknown.
Exit code 1 if a check got worse, a core check is gone, or the verdict got worse.`;

const exitCode = await main(process.argv.slice(2));
// A pipe takes 64 KiB at once; what waits behind that would be lost.
await new Promise((flushed) => process.stdout.write("", flushed));
process.exit(exitCode);

async function main(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.conformant;
  const program = new Command("vmesh")
    .description("Proves on a real cluster that virtual machines work in an Istio mesh.")
    .version(manifest.version)
    .exitOverride();

  /** Declares a command, with its operands after the name; its program is loaded only when it is called. */
  const command = (name: string, summary: string, act: (flags: never, ...operands: never[]) => Promise<number>) => {
    const declared = program.command(name).description(summary).exitOverride();
    return declared.action(async () => {
      const hasConfig = declared.options.some(({ long }) => long === "--config");
      // Before the program is loaded, of which they are constants.
      if (hasConfig) await fixMeshNames(declared.getOptionValue("config") as string | undefined);
      exitCode = await act(declared.opts() as never, ...(declared.processedArgs as never[]));
    });
  };

  withCluster(
    withSelection(
      command("run", "gets a cluster, runs the checks on it, writes the reports, removes the cluster", async (flags) =>
        (await import("./run.ts")).run(flags),
      ),
    ),
  )
    .option(
      "--cluster <current|kubeconfig|FILE>",
      "use a cluster that is there: the last `up`, that of $KUBECONFIG, an environment file or a kubeconfig file",
    )
    .option("--out <folder>", "report folder; each run makes one of its own inside")
    .option(
      "--workers <count>",
      "checks at a time, and above 1 another of the external VM; as many as processors, at most 4, if not given",
      wholeNumber,
    )
    .option("--keep", "leave the cluster and the namespaces of red checks up")
    .option("--shuffle", "in an order that the seed decides (the default)")
    .option("--no-shuffle", "in the catalog's order")
    .option("--repeat <count>", "run every check so often, each time in another order", wholeNumber)
    .option("--until-failure", "repeat until a check is red, at most as often as --repeat says")
    .option("--retry <count>", "try a red check again, so often; one that then passes is flaky", wholeNumber)
    .option("--fail-on-flaky", "a flaky check makes the run red")
    .option("--fail-fast", "after a red check none begins")
    .option("--last-failed", "only checks that were red or flaky in the latest run")
    .option("--pause-on-failure", "a red check waits before it cleans up, until Enter is pressed")
    .option("--require-all", "exit code 5 if a core check was skipped")
    .addOption(junitOption())
    .option("--seed <number>", "order of the checks, as an earlier report names it", wholeNumber)
    .option("--verbose", "say more");
  withCluster(
    command("up", "starts a cluster and keeps it for `run --cluster current`", async (flags) =>
      (await import("./up.ts")).up(flags),
    ),
  ).option("--verbose", "say more");
  command("down", "removes the cluster that `up` started", async (flags) => (await import("./down.ts")).down(flags))
    .option("--cluster <current|FILE>", "which one", "current")
    .option("--config <file>", "configuration file instead of `vmesh.yaml`");
  withSelection(
    command("list", "every check with its sentence, profile and tags", async (flags) =>
      (await import("./list.ts")).list(flags),
    ),
  )
    .option("--config <file>", "configuration file instead of `vmesh.yaml`")
    .option("--json", "as JSON")
    .option("--rows", "the feature table, row by row, with the checks that cover it")
    .option("--markdown [file]", "as a table in Markdown, or written between the markers of a file");
  withCluster(
    command("doctor", "every prerequisite of a provider, and how to mend what is missing", async (flags) =>
      (await import("./doctor.ts")).doctor(flags),
    ),
  ).option("--json", "as JSON");
  command("diff <a> <b>", "what got worse, better or slower from the runs A to the runs B", async (flags, a, b) =>
    (await import("./diff.ts")).diffRuns(flags, a, b),
  )
    .option("--threshold <percent>", "how far beyond the spread of A a number counts as slower", percentage)
    .option("--fail-on-slower", "a slower number makes it worse, too")
    .option("--json", "as JSON, with every number")
    .option("--config <file>", "configuration file instead of `vmesh.yaml`")
    .addHelpText("after", sidesHelp);
  command("merge <runs...>", "makes one report of the shards of a run", async (flags, runs) =>
    (await import("./merge.ts")).mergeRuns(flags, runs),
  )
    .requiredOption("--out <folder>", "folder of the merged report; it is made, or empty")
    .addOption(junitOption())
    .option("--config <file>", "configuration file instead of `vmesh.yaml`");
  withSelection(
    command("rbac", "the rights that a run needs on a cluster that is there, as a manifest", async (flags) =>
      (await import("./rbac.ts")).rbac(flags),
    ),
  )
    .option("--account <namespace/name>", "the ServiceAccount that gets them", "vmesh/vmesh")
    .option("--config <file>", "configuration file instead of `vmesh.yaml`")
    .addOption(new Option("--yaml", "as YAML, with what each is for (the default)").conflicts("json"))
    .option("--json", "as JSON");
  withUpstream(
    command(
      "artifacts",
      "what runs with a version set fetch: list it, lock it, bring it into the cache",
      async (flags) => (await import("./artifacts.ts")).artifacts(flags),
    ).option("--set <name>", "which set; that of the configuration if not given"),
  )
    .option("--lock", "fetch everything and write down checksums, digests and commits")
    .option("--fetch", "fill the cache, for runs with --offline")
    .option("--push <registry>", "build vmesh's own two images and push them there, for clusters that are not the lab")
    .option("--json", "as JSON")
    .option("--config <file>", "configuration file instead of `vmesh.yaml`");
  command("clean", "removes what interrupted runs left", async (flags) => (await import("./clean.ts")).clean(flags));

  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has already said what it does not like.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    const known = error instanceof HarnessError;
    process.stderr.write(`${describeError(error)}\n${known ? "" : `${(error as Error).stack ?? ""}\n`}`);
    return exitCodeOf(error);
  }
}

function withCluster(command: Command): Command {
  return withUpstream(command)
    .option("--provider <name>", "how to get a cluster")
    .option("--nodes <count>", "nodes of the cluster", wholeNumber)
    .option("--versions <set>", "which versions: the name of a set, as `artifacts` shows it")
    .addOption(
      new Option("--artifacts <origin>", "the lab's Istio and KubeVirt: built here, or as released").choices([
        "build",
        "upstream",
      ]),
    )
    .option("--install <component>", "put it on a cluster that is there, if it is missing; `missing` means all", names)
    .option("--as <user>", "whom every request to a cluster that is there speaks for: `system:serviceaccount:…`")
    .option("--config <file>", "configuration file instead of `vmesh.yaml`");
}

function withUpstream(command: Command): Command {
  return command
    .option("--mirror <prefix>", "in the place of scheme and host of downloads, and of the registry of images")
    .option("--offline", "fetch nothing; what the cache lacks is told at once");
}

async function fixMeshNames(file: string | undefined): Promise<void> {
  const [{ loadConfig }, { carryMeshNames }] = await Promise.all([
    import("../lib/config.ts"),
    import("../lib/mesh-names.ts"),
  ]);
  carryMeshNames((await loadConfig({}, file)).mesh);
}

function withSelection(command: Command): Command {
  return command
    .addOption(new Option("--profile <name>", "core, or extended, which includes it").choices(["core", "extended"]))
    .option("--suite <area>", "only this area; may be repeated", names)
    .option(
      "--check <area/name>",
      "only this check, or those of a `/regular expression/`; `!` before it leaves out",
      patterns,
    )
    .option("--tag <expression>", "only checks whose tags fit: `vm and not (dns or lifecycle)`", names)
    .option("--feature <name>", "only checks that need it, `external-vm` say; `!` before it leaves out", names)
    .option("--shard <i/n>", "the i-th of n parts of the selection; `merge` makes one report of all");
}

/** As `names`, but a regular expression may hold commas. */
function patterns(text: string, before: readonly string[] = []): string[] {
  return /^!?\//.test(text) ? [...before, text] : names(text, before);
}

function junitOption(): Option {
  return new Option("--junit <dialect>", "strict: what Surefire's schema allows").choices(["default", "strict"]);
}

/** Adds the names of a list with commas. An empty one would select everything. */
function names(text: string, before: readonly string[] = []): string[] {
  const given = text.split(",").filter((name) => name.trim() !== "");
  if (given.length === 0) throw new InvalidArgumentError("Expected a name.");
  return [...before, ...given];
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number.`);
}

function percentage(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a percentage, 10 say.");
}
