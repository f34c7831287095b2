import { z } from "zod";
import { type CommandResult, run } from "../../lib/command.ts";
import { environmentError, HarnessError } from "../../lib/errors.ts";
import { timeouts } from "../../lib/timeouts.ts";

/** States that Multipass tells; whatever else it says is as it says it. */
const instance = z.object({ state: z.string(), ipv4: z.array(z.string()) });
const listSchema = z.object({ list: z.array(instance.extend({ name: z.string() })) });
const infoSchema = z.object({ info: z.record(z.string(), instance) });
const versionSchema = z.object({ multipass: z.string(), multipassd: z.string().optional() });

export interface Instance {
  name: string;
  /** `Running`, `Stopped`, `Deleted`, `Unknown` and others. */
  state: string;
  ipv4: string[];
}

export interface MultipassCall {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export interface ScriptCall extends MultipassCall {
  /** Return a non-zero exit code instead of throwing. */
  allowFailure?: boolean;
}

/** What an instance is to be. */
export interface InstanceSize {
  cpus: number;
  memoryMiB: number;
  diskGiB: number;
}

export interface LaunchCall extends MultipassCall {
  name: string;
  /** A release of Ubuntu, or whatever else `multipass launch` takes. */
  image: string;
  size: InstanceSize;
  /** cloud-init's user-data. */
  userData: string;
}

/** The commands of Multipass that vmesh uses. Each throws an environment error with what the program printed. */
export interface Multipass {
  program: string;
  version(call?: MultipassCall): Promise<{ client: string; daemon: string | undefined }>;
  /** Multipass' own setting, `local.driver` say. */
  get(key: string, call?: MultipassCall): Promise<string>;
  /** All instances of this machine's user, also those that are deleted and not purged. */
  list(call?: MultipassCall): Promise<Instance[]>;
  /** `undefined` where there is no such instance. */
  info(name: string, call?: MultipassCall): Promise<Instance | undefined>;
  launch(call: LaunchCall): Promise<void>;
  start(name: string, call?: MultipassCall): Promise<void>;
  /** Deletes and purges this instance and no other. */
  remove(name: string, call?: MultipassCall): Promise<void>;
  /** Runs a shell script as root. It goes through standard input: no shell in between reads it, no list of processes shows it. */
  sh(name: string, script: string, call?: ScriptCall): Promise<CommandResult>;
  /** Puts a file of this machine into an instance, where the instance's own user may write. */
  transfer(file: string, name: string, path: string, call?: MultipassCall): Promise<void>;
}

/**
 * Multipass by its command line. Files reach it through standard input: as a snap it may read neither hidden folders,
 * as a cache is one, nor temporary ones.
 */
export function multipassAt(program: string): Multipass {
  type Options = MultipassCall & { input?: string; inputFile?: string; allowFailure?: boolean };
  const call = (args: readonly string[], options: Options = {}) =>
    run(program, args, { timeoutMs: timeouts.multipassCommand, diesWithParent: true, ...options }).catch(mended);
  const json = async <T>(args: readonly string[], schema: z.ZodType<T>, options?: MultipassCall) =>
    parse(`${program} ${args.join(" ")}`, (await call(args, options)).stdout, schema);
  return {
    program,
    async version(options) {
      const { multipass, multipassd } = await json(["version", "--format", "json"], versionSchema, options);
      return { client: multipass, daemon: multipassd };
    },
    get: async (key, options) => (await call(["get", key], options)).stdout.trim(),
    list: async (options) => (await json(["list", "--format", "json"], listSchema, options)).list,
    async info(name, options) {
      try {
        const { info } = await json(["info", name, "--format", "json"], infoSchema, options);
        return info[name] && { name, ...info[name] };
      } catch (error) {
        if (error instanceof HarnessError && /does not exist/.test(error.evidence ?? "")) return undefined;
        throw error;
      }
    },
    async launch({ name, image, size, userData, timeoutMs = timeouts.multipassLaunch, signal }) {
      const sizes = ["--cpus", size.cpus, "--memory", `${size.memoryMiB}M`, "--disk", `${size.diskGiB}G`].map(String);
      // Its own limit is 5 min for each half of the way; ours is for the whole of it.
      const limit = ["--timeout", String(Math.ceil(timeoutMs / 1000))];
      const args = ["launch", "--name", name, ...sizes, ...limit, "--cloud-init", "-", image];
      await call(args, { timeoutMs, signal, input: userData });
    },
    async start(name, options) {
      await call(["start", name], { timeoutMs: timeouts.multipassStart, ...options });
    },
    async remove(name, options) {
      // Never `multipass purge`, which purges whatever this user has deleted.
      await call(["delete", "--purge", name], options);
    },
    sh(name, script, options) {
      // Read to its end before it begins: nothing in it may take the rest for its own input.
      const input = `{\n${script}\n} </dev/null\n`;
      return call(["exec", name, "--", "sudo", "sh", "-eu"], { ...options, input });
    },
    async transfer(file, name, path, options) {
      const args = ["transfer", "--parents", "-", `${name}:${path}`];
      await call(args, { timeoutMs: timeouts.multipassTransfer, ...options, inputFile: file });
    },
  };
}

/** Throws the error of a command, with what to do about a daemon that does not answer. */
function mended(error: unknown): never {
  const isUnreachable = /cannot connect to the multipass socket|multipass socket access denied/i;
  if (!(error instanceof HarnessError) || !isUnreachable.test(error.evidence ?? "")) throw error;
  const { kind, message, evidence, cause } = error;
  const onMac = "on a Mac `sudo launchctl kickstart system/com.canonical.multipassd`";
  const hint = `start its daemon (\`snap start multipass\`; ${onMac}), and be of the group that may use it`;
  throw new HarnessError(kind, message, { ...(evidence !== undefined && { evidence }), hint, cause });
}

/** What a command printed as JSON. Throws an environment error that shows the beginning of anything else. */
function parse<T>(command: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw environmentError(`\`${command}\` printed what is no JSON.`, { cause, evidence: text.slice(0, 400) });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw environmentError(`\`${command}\` printed JSON that is not as expected.`, {
    evidence: `${z.prettifyError(result.error)}\nit begins: ${text.slice(0, 400)}`,
  });
}
