import { run } from "../../lib/command.ts";
import { environmentError, HarnessError, interruptedError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { timeouts } from "../../lib/timeouts.ts";
import { deadline } from "../../lib/wait.ts";
import type { ContainerCli } from "./container-cli.ts";
import { commandsOf, labelOf } from "./containers.ts";
import { complaintOf, type KnownFailure, knownFailure } from "./failures.ts";
import { type Scripts, variablesOf } from "./scripts.ts";

export interface ClusterUpOptions {
  scripts: Scripts;
  cli: ContainerCli;
  clusterId: string;
  upSeconds: number;
  /** Gets everything the scripts print. */
  logFile: string;
  log: Log;
  signal: AbortSignal;
}

/** An end without a cluster. `taken`: the containers of the prefix are somebody else's. */
export class ClusterUpError extends HarnessError {
  readonly taken: boolean;

  constructor(
    message: string,
    { failure, evidence, cause }: { failure?: KnownFailure | undefined; evidence: string; cause?: unknown },
  ) {
    super("environment", message, { evidence, cause, ...(failure && { hint: failure.hint }) });
    this.name = "ClusterUpError";
    this.taken = failure?.taken ?? false;
  }
}

/**
 * `make cluster-up`, with a deadline. Returns what its own checks complained about, as it goes on after them and ends
 * with 0. Throws a `ClusterUpError` that says what it was about when it failed or when its time was over, with the last
 * lines of its output, and an interrupted error when `signal` aborts.
 */
export async function clusterUp(options: ClusterUpOptions): Promise<string[]> {
  const { scripts, cli, clusterId, upSeconds, logFile, log, signal } = options;
  if (signal.aborted) throw interruptedError("`make cluster-up` was interrupted.", { cause: signal.reason });
  const stop = new AbortController();
  const output: string[] = [];
  const complaints: string[] = [];
  const tell = milestones(log);
  const onLine = (line: string) => {
    output.push(line);
    if (output.length > keptLines) output.shift();
    const complaint = complaintOf(line);
    if (complaint !== undefined) {
      complaints.push(complaint);
      log.warn(`kubevirtci complains and goes on: ${complaint}`);
    }
    log.debug(line);
    tell(line);
  };
  const limit = deadline(upSeconds * 1000, signal);
  const late = Promise.withResolvers<string[]>();
  // What runs when the time is over tells what it waits for, as the scripts themselves print nothing while they wait.
  const onLimit = async () => {
    late.resolve(signal.aborted ? [] : await commandsOf(cli, labelOf(clusterId)).catch(() => []));
    stop.abort();
  };
  limit.addEventListener("abort", onLimit, { once: true });
  // Both of its outputs in the order in which they come.
  const args = ["-c", "exec make cluster-up >&2"];
  const made = run("sh", args, {
    cwd: scripts.folder,
    env: variablesOf(scripts),
    timeoutMs: upSeconds * 1000 + timeouts.kubevirtciScript,
    signal: stop.signal,
    outputFile: logFile,
    onLine,
    diesWithParent: true,
  });
  try {
    await made;
    return complaints;
  } catch (cause) {
    if (signal.aborted) throw interruptedError("`make cluster-up` was interrupted.", { cause: signal.reason });
    const running = limit.aborted ? await late.promise : [];
    throw explain({ output, complaints, running, cause, late: limit.aborted ? upSeconds : undefined });
  } finally {
    limit.removeEventListener("abort", onLimit);
  }
}

/** Lines of its output that are kept for an error; all are in the file. */
const keptLines = 200;

function explain(end: {
  output: readonly string[];
  complaints: readonly string[];
  running: readonly string[];
  cause: unknown;
  late: number | undefined;
}): ClusterUpError {
  const { output, complaints, running, cause, late } = end;
  const failure = knownFailure([...output, ...running].join("\n"));
  const how = late === undefined ? "failed" : `did not end within ${late} s`;
  const evidence = [
    ...output.slice(-20),
    ...running.map((command) => `still running: ${command}`),
    ...complaints.map((complaint) => `it had complained: ${complaint}`),
  ];
  const message = `\`make cluster-up\` ${how}${failure ? `: ${failure.what}` : ""}.`;
  // How a command of ours was ended says nothing more.
  return new ClusterUpError(message, {
    failure,
    evidence: evidence.join("\n"),
    ...(late === undefined && { cause: unquoted(cause) }),
  });
}

/** The command's own error without its lines, which are the evidence already. */
function unquoted(cause: unknown): unknown {
  return cause instanceof HarnessError ? environmentError(cause.message) : cause;
}

/** Tells what the scripts are about, once for each, from the lines that say so. */
function milestones(log: Log): (line: string) => void {
  const told = new Set<string>();
  return (line) => {
    for (const [sign, words] of signs) {
      const match = sign.exec(line);
      const text = match && words(match);
      if (!text || told.has(text)) continue;
      told.add(text);
      log.info(text);
    }
  };
}

const signs: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [/Download the image (\S+)/, ([, image]) => `getting the nodes' image ${image}`],
  [/\[node (\d+)\]: /, ([, number = ""]) => `node${number.padStart(2, "0")} answers`],
  [/cluster-network-addons/, () => "Multus and the network add-ons are being installed"],
  [/istioctl .*install|waiting for istio-operator/, () => "Istio is being installed"],
  [/Istio operator is now ready/, () => "Istio is installed"],
];
