import { readdir } from "node:fs/promises";
import { type CommandResult, run } from "../../../lib/command.ts";
import { environmentError } from "../../../lib/errors.ts";
import { machineAt } from "../../../lib/machine.ts";
import { quote } from "../../../lib/shell.ts";
import { timeouts } from "../../../lib/timeouts.ts";
import type { StarlingxSettings } from "./settings.ts";

/** Where StarlingX's `system` runs. */
export interface Controller {
  /** In words. */
  where: string;
  /**
   * What `system` prints. Throws an environment error if it refuses, prints nothing, takes too long or has no credentials.
   */
  system(args: readonly string[], options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<string>;
  /** Names of the files in a folder. */
  files(folder: string, signal?: AbortSignal): Promise<string[]>;
}

/** The machine that the settings name: this one, or the controller through SSH. */
export function controllerOf({ controller }: Pick<StarlingxSettings, "controller">): Controller {
  return controller ? remote(controller) : local();
}

function local(): Controller {
  const where = "this machine";
  return {
    where,
    async system(args, options) {
      demandCredentials();
      return answerOf(args, where, await run("system", args, { ...options, allowFailure: true }));
    },
    files: (folder) =>
      readdir(folder).catch((cause: unknown) => {
        throw noFolder(folder, where, { cause });
      }),
  };
}

/** Not `system`'s exit codes, nor SSH's. */
const exits = { noCredentials: 97, noConnection: 255 } as const;

/**
 * A shell's command for `system` with the credentials of a file that is one of bash's, and says on standard output why
 * it has none.
 */
export function remoteCommand(openrc: string, args: readonly string[]): string {
  const script = `. ${quote(openrc)} >&2 || exit ${exits.noCredentials}; exec "$0" "$@"`;
  return ["exec", "bash", "-c", quote(script), "system", ...args.map(quote)].join(" ");
}

function remote(access: NonNullable<StarlingxSettings["controller"]>): Controller {
  const where = `controller \`${access.address}\``;
  const { openrc, ...rest } = access;
  const machine = machineAt({ name: "controller", ...rest });
  const demandConnection = ({ exitCode, stderr }: CommandResult) => {
    if (exitCode !== exits.noConnection) return;
    const hint = "look at `address`, `user`, `identityFile` and `knownHostsFile` of `starlingx.controller`";
    throw environmentError(`The ${where} cannot be reached through SSH.`, { evidence: stderr, hint });
  };
  return {
    where,
    async system(args, options) {
      const result = await machine.sh(remoteCommand(openrc, args), { ...options, allowFailure: true });
      demandConnection(result);
      if (result.exitCode === exits.noCredentials) {
        throw environmentError(`\`${openrc}\` gives no credentials of keystone_admin on ${where}.`, {
          evidence: result.stderr,
          hint: "name the active controller, and a user of the group sys_protected",
        });
      }
      return answerOf(args, where, result);
    },
    async files(folder, signal) {
      const options = { signal, allowFailure: true, timeoutMs: timeouts.machineCommand };
      const result = await machine.sh(`ls -1 -- ${quote(folder)}`, options);
      demandConnection(result);
      if (result.exitCode !== 0) throw noFolder(folder, where, { evidence: result.stderr });
      return result.stdout.split("\n").filter((name) => name !== "");
    },
  };
}

/** What `/etc/platform/openrc` exports; a token or another kind of authentication replaces user and password. */
function demandCredentials(): void {
  const { env } = process;
  const another = env["OS_AUTH_TOKEN"] !== undefined || env["STX_AUTH_TYPE"] === "oidc";
  const needed = another ? [] : ["OS_USERNAME", "OS_PROJECT_NAME", "OS_AUTH_URL", "OS_REGION_NAME"];
  const missing = needed.filter((name) => !env[name]);
  if (missing.length === 0) return;
  throw environmentError(`\`system\` has no credentials of keystone_admin: ${missing.join(", ")} is not set.`, {
    hint: "`source /etc/platform/openrc` in the shell that starts vmesh, or name the controller by `starlingx.controller`",
  });
}

function answerOf(args: readonly string[], where: string, { stdout, stderr, exitCode }: CommandResult): string {
  const command = `\`system ${args.join(" ")}\``;
  if (exitCode !== 0) {
    const [reason = "without a reason"] = stderr.trim().split("\n");
    throw environmentError(`${command} was refused on ${where}: ${reason}`, { evidence: `${stdout}${stderr}` });
  }
  // It ends with 0 when its connection fails; and there is no StarlingX without any application.
  if (stdout.trim() !== "") return stdout;
  throw environmentError(`${command} printed nothing on ${where}, as it does where it cannot reach its API.`, {
    evidence: stderr,
    hint: "look whether `system show` answers there",
  });
}

function noFolder(folder: string, where: string, details: { cause?: unknown; evidence?: string }): Error {
  const hint = "StarlingX keeps the tarballs of its applications on a controller; `starlingx.folder` is the place";
  return environmentError(`The folder \`${folder}\` cannot be read on ${where}.`, { ...details, hint });
}
