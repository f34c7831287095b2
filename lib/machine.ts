import { z } from "zod";
import { type CommandResult, run } from "./command.ts";
import type { Log } from "./log.ts";
import { quote } from "./shell.ts";
import { timeouts } from "./timeouts.ts";
import { eventually } from "./wait.ts";

/** How a machine outside the cluster is reached: plain data, which any process can use. */
export const machineAccess = z.strictObject({
  /** Its host name, by which its proxy calls itself, too. */
  name: z.string(),
  /** IPv4 address on the network of the nodes. */
  address: z.string(),
  user: z.string(),
  /** File with the private key of that user. */
  identityFile: z.string(),
  /** File with the machine's own public key, in the format of SSH's known_hosts. */
  knownHostsFile: z.string(),
});
export type MachineAccess = z.infer<typeof machineAccess>;

export interface MachineCommand {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** Text for standard input. */
  input?: string;
  /** Return a non-zero exit code instead of throwing; 255 is SSH's own. */
  allowFailure?: boolean;
}

/** A machine with its own kernel, on which commands run as root. */
export interface Machine {
  name: string;
  address: string;
  /** Runs a shell script. Throws an environment error with its output when it fails. */
  sh(script: string, options?: MachineCommand): Promise<CommandResult>;
  /** Writes a file, and the folders above it; `owner` as in `chown`. */
  write(path: string, content: string, how?: { mode?: string; owner?: string; signal?: AbortSignal }): Promise<void>;
  read(path: string, signal?: AbortSignal): Promise<string>;
  /** The program and arguments with which a script runs on the machine, for what is not waited for. */
  command(script: string): string[];
}

/** A handle on a machine that runs. Nothing is connected before the first command, and nothing stays so after one. */
export function machineAt({ name, address, user, identityFile, knownHostsFile }: MachineAccess): Machine {
  const settings = {
    BatchMode: "yes",
    ConnectTimeout: "10",
    IdentitiesOnly: "yes",
    LogLevel: "ERROR",
    ServerAliveInterval: "5",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: knownHostsFile,
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  // No configuration of the user's: it must not change what a check sees.
  const ssh = ["ssh", "-F", "none", "-i", identityFile, ...options, `${user}@${address}`];
  const command = (script: string) => [...ssh, `sh -euc ${quote(script)}`];
  const sh = (script: string, given: MachineCommand = {}): Promise<CommandResult> => {
    const [tool = "", ...args] = command(script);
    return run(tool, args, { timeoutMs: timeouts.machineCommand, ...given });
  };
  return {
    name,
    address,
    sh,
    command,
    async write(path, content, { mode = "0644", owner = "root:root", signal } = {}) {
      const [user = "root", group = user] = owner.split(":");
      const script = `install -D -m ${mode} -o ${user} -g ${group} /dev/stdin ${quote(path)}`;
      await sh(script, { input: content, signal });
    },
    read: async (path, signal) => (await sh(`cat ${quote(path)}`, { signal })).stdout,
  };
}

/** Boots a machine anew and waits until it answers on SSH again. Throws a `WaitError` with what it last got. */
export async function reboot(machine: Machine, signal: AbortSignal): Promise<void> {
  const bootId = async () => (await machine.read("/proc/sys/kernel/random/boot_id", signal)).trim();
  const before = await bootId();
  // The connection may end before the command's answer comes.
  await machine.sh("systemctl reboot", { signal, allowFailure: true });
  const what = `machine \`${machine.name}\` answers on SSH after its reboot`;
  await eventually({ what, budgetMs: timeouts.machineBoot, signal }, async () => {
    if ((await bootId()) === before) throw new Error("it is still up from before");
  });
}

/**
 * Waits until a machine that boots answers on SSH. Throws a `WaitError` with what it last got. The wait is told by its
 * seconds, as a boot under emulation takes a while.
 */
export async function answersOnSsh(
  machine: Machine,
  { log, signal }: { log: Pick<Log, "info">; signal: AbortSignal },
): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const what = `machine \`${machine.name}\` answers on SSH`;
  let told = 0;
  const uptime = await eventually({ what, budgetMs: timeouts.machineBoot, signal }, async () => {
    if (seconds() >= told + 10) log.info(`machine ${machine.name} boots since ${(told = seconds())} s or more`);
    return machine.read("/proc/uptime", signal);
  });
  log.info(
    `machine ${machine.name} answers on SSH, ${Math.round(Number.parseFloat(uptime))} s after its kernel started`,
  );
}
