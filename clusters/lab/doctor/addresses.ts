import { createServer } from "node:net";
import { run } from "../../../lib/command.ts";
import { HarnessError } from "../../../lib/errors.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import { fine, type Judgement, limited, missing } from "../../finding.ts";
import type { LabSettings } from "../settings.ts";
import { chooseSubnet, conflictOf, nodePool, rangeProblems, type TakenRange } from "../subnets.ts";

export interface SeenPort {
  /** Whether it can be bound on all addresses. */
  isFree: boolean;
  /** Who listens, as `ss -Hltnp` prints it; undefined where it was not or cannot be asked. */
  listeners: string | undefined;
}

/**
 * Judges the registry's port. A listener on one address, like another lab's registry, is not in the way of one
 * on the new network's gateway.
 */
export function judgePort(port: number, { isFree, listeners }: SeenPort): Judgement {
  const name = "registry port";
  if (isFree) return fine(name, `${port} is free`);
  const mend = `stop the program that listens on port ${port}, or let it listen on one address only`;
  if (listeners === undefined) return missing(name, `${port} is taken`, mend);
  const rows = listeners.split("\n").map((line) => line.trim().split(/\s+/));
  // Columns: state, queues, local address, peer address, users:(("NAME",pid=1,fd=2)) for root.
  const taken = rows.flatMap(([, , , local = "", , users = ""]) =>
    local.endsWith(`:${port}`) ? [{ local, users }] : [],
  );
  const tell = ({ local, users }: { local: string; users: string }) => {
    const [, program, pid] = /\("([^"]+)",pid=(\d+)/.exec(users) ?? [];
    return program ? `\`${program}\` (pid ${pid}) at ${local}` : `a program at ${local}`;
  };
  const everywhere = taken.filter(({ local }) => /^(0\.0\.0\.0|\*|\[::\]):/.test(local));
  if (taken.length > 0 && everywhere.length === 0) {
    return fine(name, `${port} is free but for ${taken.map(tell).join(", ")}`);
  }
  const who = everywhere.length > 0 ? ` by ${everywhere.map(tell).join(", ")}` : "";
  return missing(name, `${port} is taken on all addresses${who}`, mend);
}

/** Judges the ranges of a lab against those in use, and finds the one of its nodes where none is set. */
export function judgeSubnets(settings: LabSettings, taken: readonly TakenRange[]): Judgement {
  const name = "subnets";
  const { podSubnet, serviceSubnet } = settings;
  const nodeSubnet = settings.nodeSubnet ?? freeSubnet(taken);
  if (nodeSubnet === undefined) {
    const mend = "name a free /24 as `nodeSubnet` in the `lab` section of the configuration";
    return missing(name, `no /24 of ${nodePool} is free for the nodes`, mend);
  }
  const ranges = { nodeSubnet, podSubnet, serviceSubnet };
  const problems = rangeProblems(ranges, taken);
  if (problems.length === 0) {
    const listed = Object.entries(ranges).map(([range, cidr]) => `\`${range}\` ${cidr}`);
    return fine(name, `${listed.join(", ")} are free`);
  }
  const mend = "set another range under this name in the `lab` section of the configuration";
  return missing(name, problems.join(" "), mend);
}

/** Judges the range that KubeVirt gives guests behind masquerade, which nothing can set. */
export function judgeGuestRange(range: string, taken: readonly TakenRange[]): Judgement {
  const conflict = conflictOf(range, taken);
  if (!conflict) return fine("guest range", `${range} is free`);
  const cost = "packets that guests let out of this machine are not counted";
  return limited("guest range", `${conflict.by} has ${conflict.cidr}: ${cost}`, `free ${range} on this machine`);
}

/** Who listens on a port of this machine; asked only if it cannot be had on all addresses. */
export async function readPort(port: number, hasIproute: boolean): Promise<SeenPort> {
  if (await canListen(port)) return { isFree: true, listeners: undefined };
  if (!hasIproute) return { isFree: false, listeners: undefined };
  const { stdout } = await run("ss", ["-Hltnp"], { timeoutMs: timeouts.hostCommand });
  return { isFree: false, listeners: stdout };
}

/** Tries all IPv4 addresses at once, and gives them back. Throws what is not about a taken port. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}

function freeSubnet(taken: readonly TakenRange[]): string | undefined {
  try {
    return chooseSubnet(taken);
  } catch (error) {
    if (error instanceof HarnessError) return undefined;
    throw error;
  }
}
